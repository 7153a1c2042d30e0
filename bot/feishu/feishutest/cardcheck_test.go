package feishutest

import (
	"fmt"
	"strings"
	"testing"
)

// page is a card with these elements.
func page(elements ...string) string {
	return `{"schema":"2.0","config":{"update_multi":true},"header":{"title":{"tag":"plain_text","content":"T"},"template":"blue"},` +
		`"body":{"elements":[` + strings.Join(elements, ",") + `]}}`
}

func times(n int, element string) string {
	return strings.TrimSuffix(strings.Repeat(element+",", n), ",")
}

const (
	line   = `{"tag":"markdown","content":"x"}`
	tap    = `{"tag":"button","text":{"tag":"plain_text","content":"B"},"behaviors":[{"type":"callback","value":{"c":"x"}}]}`
	submit = `{"tag":"button","name":"go","form_action_type":"submit","text":{"tag":"plain_text","content":"B"},"behaviors":[{"type":"callback","value":{}}]}`
	field  = `{"tag":"input","name":"a"}`
	sheet  = `{"tag":"table","columns":[{"name":"a"}],"rows":[{"a":"1"}]}`
	mdGrid = `{"tag":"markdown","content":"| a | b |\n| - | - |\n| 1 | 2 |"}`
)

func form(elements ...string) string {
	return `{"tag":"form","name":"f","elements":[` + strings.Join(elements, ",") + `]}`
}

func set(elements ...string) string {
	return `{"tag":"column_set","flex_mode":"none","columns":[{"tag":"column","width":"weighted","weight":1,"elements":[` +
		strings.Join(elements, ",") + `]}]}`
}

// nested puts sets of columns into each other.
func nested(n int) string {
	inner := line
	for range n {
		inner = set(inner)
	}
	return inner
}

func drawn(spec string) string { return `{"tag":"chart","chart_spec":` + spec + `}` }

func TestTakesWhatIsDocumented(t *testing.T) {
	for name, elements := range map[string][]string{
		"the elements of the guide": {line, set(tap, line), form(field, set(submit)), `{"tag":"hr"}`, sheet, mdGrid},
		"a chart":                   {drawn(`{"type":"bar","data":{"values":[{"d":"Mon","n":3}]},"xField":"d","yField":"n"}`)},
		"several x fields":          {drawn(`{"type":"bar","data":{"values":[{"d":"Mon","n":3,"s":"a"}]},"xField":["d","s"],"yField":"n"}`)},
		"an image":                  {`{"tag":"img","img_key":"img_v3_a"}`},
		"five tables":               {times(3, sheet), mdGrid, mdGrid},
		"180 elements":              {times(179, line)}, // and the title
		"five levels":               {nested(5)},
		"nothing":                   {},
		"what looks like a table":   {times(9, `{"tag":"markdown","content":"a | b\nc | d\n---"}`)},
	} {
		if code, sub, reason := CheckCard([]byte(page(elements...))); code != 0 {
			t.Errorf("%s: refused with %d/%d: %s", name, code, sub, reason)
		}
	}
}

func TestRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		card string
		sub  int
	}{
		"no JSON":              {`{"schema":`, badJSON},
		"two documents":        {page() + page(), badJSON},
		"schema 1.0":           {`{"elements":[]}`, badJSON},
		"no body":              {`{"schema":"2.0"}`, badJSON},
		"an unknown root":      {`{"schema":"2.0","elements":[],"body":{"elements":[]}}`, badJSON},
		"wide_screen_mode":     {`{"schema":"2.0","config":{"wide_screen_mode":true},"body":{"elements":[]}}`, badJSON},
		"not shared":           {`{"schema":"2.0","config":{"update_multi":false},"body":{"elements":[]}}`, notShared},
		"no title":             {`{"schema":"2.0","header":{"template":"blue"},"body":{"elements":[]}}`, badJSON},
		"a colour of no name":  {`{"schema":"2.0","header":{"title":{"tag":"plain_text","content":"x"},"template":"pink"},"body":{"elements":[]}}`, badJSON},
		"an unknown tag":       {page(`{"tag":"marquee"}`), badJSON},
		"action":               {page(`{"tag":"action","actions":[` + tap + `]}`), removedTag},
		"note":                 {page(set(`{"tag":"note","elements":[]}`)), removedTag},
		"an unknown property":  {page(`{"tag":"markdown","content":"x","href":{}}`), badJSON},
		"value on a button":    {page(`{"tag":"button","value":{}}`), badJSON},
		"an unknown text":      {page(`{"tag":"div","text":{"tag":"html","content":"x"}}`), badJSON},
		"a bad element_id":     {page(`{"tag":"hr","element_id":"1a"}`), badJSON},
		"a long element_id":    {page(`{"tag":"hr","element_id":"abcdefghijklmnopqrstu"}`), badJSON},
		"element_id twice":     {page(`{"tag":"hr","element_id":"a"}`, set(`{"tag":"hr","element_id":"a"}`)), repeatedID},
		"a long button":        {page(strings.Replace(tap, `"B"`, `"`+strings.Repeat("长", 101)+`"`, 1)), badJSON},
		"a value of no object": {page(`{"tag":"button","behaviors":[{"type":"callback","value":"x"}]}`), badJSON},
		"confirm of no title":  {page(`{"tag":"button","confirm":{"text":{"tag":"plain_text","content":"x"}}}`), badJSON},
		"a hexadecimal colour": {page(`{"tag":"markdown","content":"<font color='#fff'>x</font>"}`), badJSON},
		"200 elements":         {page(times(199, line)), overLimit},
		"200 with texts":       {page(times(100, `{"tag":"div","text":{"tag":"plain_text","content":"x"}}`)), overLimit},
		"six tables":           {page(times(4, sheet), mdGrid, mdGrid), overLimit},
		"six levels":           {page(nested(6)), badJSON},
		"a table in a column":  {page(set(sheet)), badJSON},
		"a form in a column":   {page(set(form(field, submit))), badJSON},
		"a form in a form":     {page(form(form(submit))), badJSON},
		"a form with a table":  {page(form(sheet, submit)), badJSON},
		"a form with a chart":  {page(form(drawn(`{"type":"line","data":{"values":[]},"xField":"x","yField":"y"}`), submit)), badForm},
		"nothing submits":      {page(form(field)), badForm},
		"a form of no name":    {page(`{"tag":"form","elements":[` + submit + `]}`), badForm},
		"a field of no name":   {page(form(`{"tag":"input"}`, submit)), badForm},
		"a deep one":           {page(form(set(`{"tag":"checker"}`), submit)), badForm},
		"a name twice":         {page(form(field, field, submit)), badForm},
		"submits nothing":      {page(submit), badForm},
		"input too long":       {page(`{"tag":"input","max_length":1001}`), badJSON},
		"options alike":        {page(`{"tag":"select_static","options":[{"value":"a"},{"value":"a"}]}`), badJSON},
		"a chart of no spec":   {page(`{"tag":"chart"}`), badChart},
		"a chart of no type":   {page(drawn(`{"data":{"values":[]}}`)), badChart},
		"a chart of no data":   {page(drawn(`{"type":"bar","xField":"x","yField":"y"}`)), badChart},
		"a chart of no x":      {page(drawn(`{"type":"bar","data":{"values":[]},"yField":"y"}`)), badChart},
		"a value of no x":      {page(drawn(`{"type":"bar","data":{"values":[{"y":1}]},"xField":"x","yField":"y"}`)), badChart},
		"no image key":         {page(`{"tag":"img"}`), badImage},
		"another's image key":  {page(`{"tag":"img","img_key":"file_v3_a"}`), badImage},
		"rows of no list":      {page(`{"tag":"table","columns":[{"name":"a"}],"rows":{}}`), badRow},
		"a row of no column":   {page(`{"tag":"table","columns":[{"name":"a"}],"rows":[{"b":1}]}`), badRowName},
		"pages too long":       {page(`{"tag":"table","page_size":11,"columns":[{"name":"a"}],"rows":[]}`), badJSON},
	} {
		code, sub, reason := CheckCard([]byte(c.card))
		if code != cardRefused || sub != c.sub {
			t.Errorf("%s: got %d/%d %q, want %d/%d", name, code, sub, reason, cardRefused, c.sub)
		}
	}
}

func TestRefusesTheTooLong(t *testing.T) {
	long := page(fmt.Sprintf(`{"tag":"markdown","content":%q}`, strings.Repeat("x", maxCard)))
	if code, _, _ := CheckCard([]byte(long)); code != tooLong {
		t.Errorf("got %d", code)
	}
}

func TestUnknownPeopleRefuseTheWholeCard(t *testing.T) {
	j := Judge{Known: func(id string) bool { return id == "ou_lin" }}
	for content, want := range map[string]int{
		"<at id=ou_lin></at>":        0,
		"<at id='ou_lin'></at>":      0,
		"&#60;at id=all&#62;":        0,
		"<at id=all></at>":           badPerson,
		"<at id=ou_mei></at>":        badPerson,
		"<at ids=ou_lin,ou_x></at>":  badPerson,
		"<person id = 'ou_mei'></p>": badPerson,
	} {
		for _, element := range []string{
			fmt.Sprintf(`{"tag":"markdown","content":%q}`, content),
			fmt.Sprintf(`{"tag":"div","text":{"tag":"lark_md","content":%q}}`, content),
		} {
			if _, sub, reason := j.Check([]byte(page(element))); sub != want {
				t.Errorf("%s: got %d %q, want %d", element, sub, reason, want)
			}
		}
	}
	if code, _, reason := j.Check([]byte(page(`{"tag":"div","text":{"tag":"plain_text","content":"<at id=all></at>"}}`))); code != 0 {
		t.Errorf("plain text is nobody's mention: %s", reason)
	}
}

// FuzzCheckCard: whatever comes is judged, and what is taken is small enough and of schema 2.0.
func FuzzCheckCard(f *testing.F) {
	for _, card := range []string{page(line, set(tap), form(field, set(submit)), sheet, mdGrid), page(nested(6)), `[]`, `{"body":[]}`,
		page(drawn(`{"type":"bar","data":{"values":[1]},"xField":{},"yField":[[]]}`)), page(`1`, `null`)} {
		f.Add([]byte(card))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		code, sub, reason := CheckCard(data)
		switch {
		case code == 0 && (sub != 0 || reason != "" || len(data) > maxCard || !strings.Contains(string(data), "2.0")):
			t.Errorf("taken: %d %q", sub, reason)
		case code != 0 && reason == "":
			t.Error("refused without a reason")
		}
	})
}
