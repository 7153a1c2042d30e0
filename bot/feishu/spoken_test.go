package feishu

import (
	"encoding/json"
	"html"
	"regexp"
	"strings"
	"unicode"
)

// ourMarkup is what the renderer itself writes into markdown.
var ourMarkup = regexp.MustCompile(`<at id=ou_[0-9A-Za-z_-]+></at>|<font color='grey'>|</font>|^\*\*|\*\*$`)

// spoken is every word that a reader of the card can see, top to bottom, without spaces.
func spoken(t fatal, data []byte) string {
	var b strings.Builder
	walk(t, data, func(m map[string]any) {
		for _, key := range []string{"content", "default_value", "text", "x", "s"} {
			s, isString := m[key].(string)
			if !isString {
				continue
			}
			if m["tag"] == "markdown" {
				s = html.UnescapeString(ourMarkup.ReplaceAllString(s, ""))
			}
			b.WriteString(squeeze(s) + "\n")
		}
	})
	return b.String()
}

// taps are the values that the card's buttons hand back, in their order, as a click is decoded.
func taps(t fatal, data []byte) (out []buttonValue) {
	walk(t, data, func(m map[string]any) {
		if m["type"] != "callback" {
			return
		}
		raw, err := json.Marshal(m["value"])
		if err != nil {
			t.Fatalf("%v", err)
		}
		v, ok := readValue(raw)
		if !ok {
			t.Fatalf("the value of a button cannot be read: %s", raw)
		}
		out = append(out, v)
	})
	return out
}

// walk visits every object of a JSON document; the elements of a list in their order.
func walk(t fatal, data []byte, visit func(map[string]any)) {
	var doc any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, data)
	}
	var down func(any)
	down = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			visit(v)
			for _, key := range []string{"header", "title", "body", "elements", "columns", "text", "label", "placeholder", "options",
				"confirm", "behaviors", "chart_spec", "data", "values"} {
				down(v[key])
			}
		case []any:
			for _, e := range v {
				down(e)
			}
		}
	}
	down(doc)
}

// squeeze takes out white space, which layout may change.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}
