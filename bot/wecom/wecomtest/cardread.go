package wecomtest

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"unicode/utf8"
)

// judge keeps the first objection.
type judge struct {
	channel string
	code    int
	reason  string
}

func (j *judge) refuse(code int, format string, args ...any) {
	if j.code == 0 {
		j.code, j.reason = code, fmt.Sprintf(format, args...)
	}
}

// object is a part of a card, with its place for the reason.
type object struct {
	at     string
	fields map[string]any
}

// text reads a string of at most so many characters (0 = any number). With a code it must be there.
func (j *judge) text(o object, name string, most, missing int) string {
	v, has := o.fields[name]
	s, ok := v.(string)
	switch {
	case has && !ok:
		j.refuse(40058, "%s.%s is not a string", o.at, name)
	case missing != 0 && s == "":
		j.refuse(missing, "%s.%s is missing", o.at, name)
	case most > 0 && utf8.RuneCountInString(s) > most:
		j.refuse(40058, "%s.%s has more than %d characters and would be cut", o.at, name, most)
	}
	return s
}

// number reads a whole number; a missing one is 0 and allowed.
func (j *judge) number(o object, name string, low, high int) int {
	v, has := o.fields[name]
	if !has {
		return 0
	}
	n, ok := v.(float64)
	if !ok || n != math.Trunc(n) || n < float64(low) || n > float64(high) {
		j.refuse(40058, "%s.%s is %v", o.at, name, v)
		return 0
	}
	return int(n)
}

func (j *judge) boolean(o object, name string) {
	if v, has := o.fields[name]; has {
		if _, ok := v.(bool); !ok {
			j.refuse(40058, "%s.%s is not a boolean", o.at, name)
		}
	}
}

func (j *judge) object(o object, name string, fields ...string) (object, bool) {
	v, has := o.fields[name]
	inner, ok := v.(map[string]any)
	part := object{o.at + "." + name, inner}
	if has && !ok {
		j.refuse(40058, "%s is not an object", part.at)
	}
	j.only(part, fields)
	return part, has && ok
}

func (j *judge) list(o object, name string, least, most, code int, fields ...string) (out []object) {
	v, has := o.fields[name]
	all, ok := v.([]any)
	if has && !ok {
		j.refuse(40058, "%s.%s is not a list", o.at, name)
	}
	if len(all) < least || len(all) > most {
		j.refuse(code, "%s.%s has %d elements", o.at, name, len(all))
	}
	for i, v := range all {
		inner, ok := v.(map[string]any)
		part := object{fmt.Sprintf("%s.%s[%d]", o.at, name, i), inner}
		if !ok {
			j.refuse(40058, "%s is not an object", part.at)
		}
		j.only(part, fields)
		out = append(out, part)
	}
	return out
}

func (j *judge) only(o object, fields []string) {
	for _, name := range slices.Sorted(maps.Keys(o.fields)) {
		if !slices.Contains(fields, name) {
			j.refuse(40058, "%s has the field %q, which is not documented for it", o.at, name)
		}
	}
}
