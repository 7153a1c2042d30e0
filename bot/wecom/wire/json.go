package wire

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// ErrJSON is a document that is no JSON, or not of the shape expected.
var ErrJSON = errors.New("wecom: not the JSON expected")

// Unmarshal is json.Unmarshal for what the platform sends, whose strings may hold raw control characters (SDK source): when
// b is not valid as it is, tab, line feed and carriage return inside strings are escaped, and the others dropped. Its error
// never quotes the document.
func Unmarshal(b []byte, v any) error {
	if !json.Valid(b) {
		b = mendControls(b)
	}
	if err := json.Unmarshal(b, v); err != nil {
		return ErrJSON
	}
	return nil
}

// mendControls makes raw control characters of strings legal and leaves the rest as it is.
func mendControls(b []byte) []byte {
	out := make([]byte, 0, len(b)+16)
	inside, escaped := false, false
	for _, c := range b {
		switch {
		case c >= 0x20:
			if c == '"' && !escaped {
				inside = !inside
			}
			escaped = inside && c == '\\' && !escaped
			out = append(out, c)
		case c != '\t' && c != '\n' && c != '\r':
		case inside:
			out = append(out, '\\', map[byte]byte{'\t': 't', '\n': 'n', '\r': 'r'}[c])
		default:
			out = append(out, c)
		}
	}
	return out
}

// Number is a whole number that may come as a JSON number or as a string of digits: the documents and the vendor's samples
// disagree for timestamps.
type Number int64

// UnmarshalJSON implements json.Unmarshaler.
func (n *Number) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if s == "" || s == "null" {
		*n = 0
		return nil
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return ErrJSON
	}
	*n = Number(v)
	return nil
}
