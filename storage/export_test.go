package storage

// StatementTexts lists every statement of the package as PostgreSQL gets it.
func StatementTexts() (texts []string) {
	for _, s := range statements {
		texts = append(texts, s.text[postgres])
	}
	return texts
}
