package storage

// StatementTexts lists every statement of the package as PostgreSQL gets it.
func StatementTexts() (texts []string) {
	for _, s := range statements {
		texts = append(texts, s.text[postgres])
	}
	return texts
}

// LookBesideAlways makes Look read beside the writer even when that has nothing to do.
func (db *DB) LookBesideAlways() { db.lookBeside = 0 }

// BreakDisk makes the disk refuse from now on.
func (db *DB) BreakDisk() { db.syncs.log.Close() }
