package storage

import (
	"regexp"
	"strings"
)

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
	writes bool
	kept   bool // SQLite: its answers are kept on the writing connection
	voids  bool // SQLite: what it writes makes kept answers void
	source string
	text   [dialects]string
}

// statements holds every statement of the package, in order of creation; the tests walk it.
var statements []*statement

// The marks that a statement's text may contain, and what becomes of them.
var marks = [dialects]*strings.Replacer{
	sqlite:   strings.NewReplacer("{lock}", "", "{skip}", "", "{skip:l}", "", "{returning id}", "", "{greatest}", "max", "{or fail}", " OR FAIL", "{alone $1}", "length($1)"),
	postgres: strings.NewReplacer("{lock}", " FOR UPDATE", "{skip}", " FOR UPDATE SKIP LOCKED", "{skip:l}", " FOR UPDATE OF l SKIP LOCKED", "{returning id}", " RETURNING id", "{greatest}", "greatest", "{or fail}", "", "{alone $1}", "pg_advisory_xact_lock(hashtextextended($1, 0))"),
}

// compared finds placeholders that SQLite's planner would look into. It does so for a column compared with a bare
// placeholder and for a bare LIMIT, and marks the statement to be prepared anew when that placeholder is bound again; the
// driver clears all bindings before every run, which SQLite takes for such a change. So each run would parse and plan the
// statement again, at many times the cost of running it. Inside coalesce the placeholder is not looked into, and an index
// serves the comparison all the same.
var compared = regexp.MustCompile(`([=<>]|LIMIT) (\$\d+)`)

// sqlText makes a statement. It is called for package variables only. Placeholders are $1, $2 … in ascending order of
// first appearance, because the SQLite driver binds in that order.
func sqlText(source string) *statement {
	s := &statement{number: len(statements), source: source}
	s.writes = !strings.HasPrefix(source, "SELECT") && !strings.HasPrefix(source, "WITH")
	for d := range s.text {
		s.text[d] = marks[d].Replace(source)
	}
	s.text[sqlite] = compared.ReplaceAllString(s.text[sqlite], "$1 coalesce($2, NULL)")
	statements = append(statements, s)
	return s
}
