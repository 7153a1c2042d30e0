package feishutest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// What refuses a card: the code of the send, and for cardRefused the reason's own code (im-v1 message/create).
const (
	tooLong     = 230025
	cardRefused = 230099

	badPerson  = 100290
	overLimit  = 11310
	badForm    = 200530
	badChart   = 200550
	badImage   = 200570
	badJSON    = 200621
	removedTag = 200861
	badRow     = 200914
	badRowName = 200915
	repeatedID = 300301
	notShared  = 300302
)

// What a card may hold (card-json-v2-structure).
const (
	maxCard      = 30 << 10 // bytes
	maxTables    = 5        // in Markdown too; measured: 6 did not pass
	maxDepth     = 5
	maxShort     = 100 // characters of a button or a placeholder
	tooManyParts = 200 // measured: 180 passed, 200 did not
)

// Judge refuses the cards that Feishu refuses, by what is documented of card JSON 2.0 and measured by others; a card that
// passes may still be refused by the live platform. It has no state.
type Judge struct {
	// Known reports whether there is a person of this open_id ("all" for everybody). Nil knows everyone.
	Known func(id string) bool
}

// CheckCard judges a card whose people are all known.
func CheckCard(data []byte) (code, sub int, reason string) { return Judge{}.Check(data) }

// Check returns the code and the reason with which the platform refuses the card, zeroes when it takes it. sub is the code
// inside 230099.
func (j Judge) Check(data []byte) (code, sub int, reason string) {
	if len(data) > maxCard {
		return tooLong, 0, fmt.Sprintf("%d bytes", len(data))
	}
	var card map[string]any
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&card); err != nil || dec.More() {
		return cardRefused, badJSON, "parse card json err"
	}
	r := review{Judge: j, ids: map[string]bool{}, names: map[string]bool{}}
	if f := r.card(card); f != nil {
		return cardRefused, f.sub, f.reason
	}
	return 0, 0, ""
}

// flaw is why a card is refused.
type flaw struct {
	sub    int
	reason string
}

func refuse(sub int, format string, args ...any) *flaw {
	return &flaw{sub: sub, reason: fmt.Sprintf(format, args...)}
}

// review is the state of one check: what must be unique, and what is counted.
type review struct {
	Judge
	ids, names    map[string]bool
	parts, tables int
}

func (r *review) card(c map[string]any) *flaw {
	if c["schema"] != "2.0" {
		return refuse(badJSON, "schema is not 2.0")
	}
	config, header, body := object(c["config"]), object(c["header"]), object(c["body"])
	if config["update_multi"] == false {
		return refuse(notShared, "update_multi is false")
	}
	elements, ok := body["elements"].([]any)
	if !ok {
		return refuse(badJSON, "body.elements is missing")
	}
	return firstFlaw(
		func() *flaw { return unknown("card", c, cardProps) },
		func() *flaw { return unknown("config", config, configProps) },
		func() *flaw { return unknown("body", body, bodyProps) },
		func() *flaw { return r.header(header) },
		func() *flaw { return r.elements(elements, place{root: true}) },
		func() *flaw {
			if r.parts >= tooManyParts {
				return refuse(overLimit, "element exceeds the limit: %d", r.parts)
			}
			if r.tables > maxTables {
				return refuse(overLimit, "card table number over limit: %d", r.tables)
			}
			return nil
		},
	)
}

func firstFlaw(checks ...func() *flaw) *flaw {
	for _, check := range checks {
		if f := check(); f != nil {
			return f
		}
	}
	return nil
}

func (r *review) header(h map[string]any) *flaw {
	if h == nil {
		return nil
	}
	if f := unknown("header", h, headerProps); f != nil {
		return f
	}
	if h["title"] == nil {
		return refuse(badJSON, "header.title is missing")
	}
	for _, name := range []string{"title", "subtitle"} {
		if f := r.text(name, h[name]); f != nil {
			return f
		}
	}
	if tags, _ := h["text_tag_list"].([]any); len(tags) > 3 {
		return refuse(badJSON, "more than 3 text tags")
	}
	return oneOf("header.template", h["template"], templates)
}

// place is where an element stands.
type place struct {
	root  bool
	form  bool
	depth int
}

func (r *review) elements(list []any, at place) *flaw {
	if at.depth > maxDepth {
		return refuse(badJSON, "nested deeper than %d", maxDepth)
	}
	for _, e := range list {
		if f := r.element(object(e), at); f != nil {
			return f
		}
	}
	return nil
}

func (r *review) element(e map[string]any, at place) *flaw {
	tag, _ := e["tag"].(string)
	known, ok := components[tag]
	switch {
	case removed[tag]:
		return refuse(removedTag, "tag %s is not supported by schema 2.0", tag)
	case !ok || tag == "column" && at.root:
		return refuse(badJSON, "not support tag: %q", tag)
	case (tag == "form" || tag == "table") && !at.root:
		return refuse(badJSON, "%s stands only in body.elements", tag)
	case tag == "chart" && at.form:
		return refuse(badForm, "a form holds no chart")
	}
	r.parts++
	if !known.loose {
		if f := unknown(tag, e, slices.Concat(known.props, everywhere)); f != nil {
			return f
		}
	}
	for _, p := range known.required {
		if e[p] == nil {
			return refuse(missing(tag), "%s.%s is missing", tag, p)
		}
	}
	return firstFlaw(
		func() *flaw { return r.identity(e) },
		func() *flaw { return r.name(tag, known, e, at) },
		func() *flaw { return r.texts(tag, known, e) },
		func() *flaw { return r.special(tag, e) },
		func() *flaw { return r.inside(tag, known, e, at) },
	)
}

func missing(tag string) int {
	switch tag {
	case "chart":
		return badChart
	case "img":
		return badImage
	case "form":
		return badForm
	}
	return badJSON
}

var elementID = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,19}$`)

func (r *review) identity(e map[string]any) *flaw {
	id, set := e["element_id"]
	if !set {
		return nil
	}
	name, _ := id.(string)
	if !elementID.MatchString(name) {
		return refuse(badJSON, "bad element_id %q", name)
	}
	if r.ids[name] {
		return refuse(repeatedID, "element_id %s repeated", name)
	}
	r.ids[name] = true
	return nil
}

// name checks the names of what somebody can use: obligatory in a form, unique in the card.
func (r *review) name(tag string, known component, e map[string]any, at place) *flaw {
	name, _ := e["name"].(string)
	if name == "" {
		if tag == "form" || known.interactive && at.form {
			return refuse(badForm, "%s in a form has no name", tag)
		}
		return nil
	}
	if r.names[name] {
		return refuse(badForm, "name %s repeated", name)
	}
	r.names[name] = true
	if tag == "button" && !at.form && e["form_action_type"] != nil {
		return refuse(badForm, "a button outside of a form submits nothing")
	}
	return nil
}

func (r *review) texts(tag string, known component, e map[string]any) *flaw {
	for _, p := range known.texts {
		if f := r.text(tag+"."+p, e[p]); f != nil {
			return f
		}
		if content, _ := object(e[p])["content"].(string); p != "label" && known.interactive && utf8.RuneCountInString(content) > maxShort {
			return refuse(badJSON, "%s.%s is longer than %d characters", tag, p, maxShort)
		}
	}
	if c := object(e["confirm"]); c != nil {
		for _, p := range []string{"title", "text"} {
			if c[p] == nil {
				return refuse(badJSON, "confirm.%s is missing", p)
			}
			if f := r.text("confirm."+p, c[p]); f != nil {
				return f
			}
		}
	}
	return nil
}

// text checks a text object, which counts as an element of its own.
func (r *review) text(where string, v any) *flaw {
	if v == nil {
		return nil
	}
	t := object(v)
	content, isString := t["content"].(string)
	if !isString {
		return refuse(badJSON, "%s.content is missing", where)
	}
	r.parts++
	if f := unknown(where, t, textProps); f != nil {
		return f
	}
	if colour, _ := t["text_color"].(string); strings.HasPrefix(colour, "#") {
		return refuse(badJSON, "%s.text_color is no colour: %s", where, colour)
	}
	switch t["tag"] {
	case "plain_text":
		return nil
	case "lark_md":
		return r.people(content)
	}
	return refuse(badJSON, "not support tag: %v", t["tag"])
}

func (r *review) inside(tag string, known component, e map[string]any, at place) *flaw {
	at.root, at.form = false, at.form || tag == "form"
	if known.container {
		at.depth++
	}
	for _, p := range known.children {
		list, _ := e[p].([]any)
		if f := r.elements(list, at); f != nil {
			return f
		}
	}
	if tag == "form" && !submits(e) {
		return refuse(badForm, "form has no button that submits")
	}
	return nil
}

// submits reports whether there is a button that submits in what e holds.
func submits(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		if v["tag"] == "button" && v["form_action_type"] == "submit" {
			return true
		}
		for _, inner := range v {
			if submits(inner) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, submits)
	}
	return false
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func unknown(where string, m map[string]any, allowed []string) *flaw {
	for p := range m {
		if !slices.Contains(allowed, p) {
			return refuse(badJSON, "unknown property, property: %s, path: %s", p, where)
		}
	}
	return nil
}

func oneOf(where string, v any, allowed []string) *flaw {
	if s, isString := v.(string); v != nil && (!isString || !slices.Contains(allowed, s)) {
		return refuse(badJSON, "%s is not one of its values: %v", where, v)
	}
	return nil
}
