package storage

import "strings"

// dialect is what the two databases do not share.
type dialect int

const (
	sqlite dialect = iota
	postgres
	dialects
)

// statement is one SQL text in both dialects. Its number indexes the prepared statements of a SQLite connection.
type statement struct {
	number int
	source string
	text   [dialects]string
}

// statements holds every statement of the package, in order of creation; the tests walk it.
var statements []*statement

// The marks that a statement's text may contain, and what becomes of them.
var marks = [dialects]*strings.Replacer{
	sqlite:   strings.NewReplacer("{lock}", "", "{skip}", "", "{skip:l}", "", "{returning id}", "", "{greatest}", "max"),
	postgres: strings.NewReplacer("{lock}", " FOR UPDATE", "{skip}", " FOR UPDATE SKIP LOCKED", "{skip:l}", " FOR UPDATE OF l SKIP LOCKED", "{returning id}", " RETURNING id", "{greatest}", "greatest"),
}

// sqlText makes a statement. It is called for package variables only. Placeholders are $1, $2 … in ascending order of
// first appearance, because the SQLite driver binds in that order.
func sqlText(source string) *statement {
	s := &statement{number: len(statements), source: source}
	for d := range s.text {
		s.text[d] = marks[d].Replace(source)
	}
	statements = append(statements, s)
	return s
}
