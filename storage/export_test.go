package storage

// StatementTexts lists every statement of the package as PostgreSQL gets it.
func StatementTexts() (texts []string) {
	for _, s := range statements {
		texts = append(texts, s.text[postgres])
	}
	return texts
}

// BreakDisk makes the disk refuse from now on.
func (db *DB) BreakDisk() { db.syncs.log.Close() }
