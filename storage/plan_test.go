package storage

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The tables that grow for as long as the zone lives.
var growing = []string{"activity", "registration", "need", "need_note", "reminder", "event", "delivery", "audit", "act", "identity", "photo", "photo_part", "posting", "entry", "shown"}

// Indexes that hold only what is open or failed: they stay small, and may be walked from end to end.
var small = []string{"activity_open", "registration_waiting", "need_open", "need_assignee", "need_reported", "reminder_due",
	"reminder_activity", "delivery_open", "delivery_failed", "photo_due", "photo_untold", "photo_waste"}

var (
	scanned = regexp.MustCompile(`^SCAN (\S+)(?: USING (?:COVERING )?INDEX (\S+))?`)
	aliased = regexp.MustCompile(`(?:FROM|JOIN|UPDATE|INTO) (\w+) (\w+)`)
)

// No statement walks a whole growing table on SQLite, even where nothing is known of the data (no ANALYZE).
func TestQueryPlans(t *testing.T) {
	db := testDB(t)
	seen := map[string]bool{}
	for _, s := range statements {
		names := map[string]string{}
		for _, m := range aliased.FindAllStringSubmatch(s.source, -1) {
			names[m[2]] = m[1]
		}
		for _, table := range growing {
			if regexp.MustCompile(`\b(FROM|JOIN|UPDATE|INTO) ` + table + `\b`).MatchString(s.source) {
				seen[table] = true
			}
		}
		rows, err := db.shared.Query("EXPLAIN QUERY PLAN "+s.text[sqlite], slices.Repeat([]any{int64(1)}, s.placeholders())...)
		if err != nil {
			t.Errorf("explain %s: %v", s.source, err)
			continue
		}
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				t.Fatal(err)
			}
			m := scanned.FindStringSubmatch(step)
			if m == nil {
				continue
			}
			table := m[1]
			if name := names[table]; name != "" && !slices.Contains(growing, table) {
				table = name
			}
			if slices.Contains(growing, table) && !slices.Contains(small, m[2]) {
				t.Errorf("%q in the plan of\n%s", step, s.source)
			}
			if strings.Contains(step, "AUTOMATIC") {
				t.Errorf("an index made for one run: %q in the plan of\n%s", step, s.source)
			}
		}
		rows.Close()
	}
	for _, table := range growing {
		if !seen[table] {
			t.Errorf("no statement names %s", table)
		}
	}
}
