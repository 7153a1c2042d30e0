package understand

import (
	"strings"
	"unicode/utf8"
)

// normalise folds text to what the vocabulary is written in: half-width, simplified, small ASCII letters, without invisible
// runes. Runes map one to one, so off[i] is the offset in text of byte i of the result; off is nil where nothing changed.
func normalise(text string, off []int32) (string, []int32) {
	at := 0
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		if f := fold(r); f != r || r == utf8.RuneError {
			break
		}
		at += size
	}
	if at == len(text) {
		return text, nil
	}
	var b strings.Builder
	b.Grow(len(text))
	b.WriteString(text[:at])
	for i := range at {
		off = append(off, int32(i))
	}
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		f := fold(r)
		if r == utf8.RuneError && size <= 1 {
			f = ' '
		}
		if f >= 0 {
			before := b.Len()
			b.WriteRune(f)
			for range b.Len() - before {
				off = append(off, int32(at))
			}
		}
		at += size
	}
	return b.String(), append(off, int32(len(text)))
}

// fold maps one rune; -1 drops it.
func fold(r rune) rune {
	switch {
	case r < 0x80:
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		if r == '\r' || r == '\t' || r < ' ' && r != '\n' {
			return ' '
		}
		return r
	case 0xFF01 <= r && r <= 0xFF5E:
		return fold(r - 0xFEE0)
	case r == 0x3000 || r == 0xA0 || 0x2000 <= r && r <= 0x200A || r == 0x202F:
		return ' '
	case 0x200B <= r && r <= 0x200F || r == 0xFEFF || r == 0x2060 || 0xFE00 <= r && r <= 0xFE0F:
		return -1
	case r == '\u2028' || r == '\u2029' || r == '\u0085':
		return '\n'
	case r < 0x3001:
		if r == '∶' || r == 'ː' {
			return ':'
		}
		return r
	case r == '﹕':
		return ':'
	case r == '﹔':
		return ';'
	case r == '﹐' || r == '﹑':
		return ','
	case r == '・' || r == '･':
		return '·'
	}
	if s, ok := simplified[r]; ok {
		return s
	}
	return r
}

// origin is the offset in the text of an offset in the normalised text.
func (s *scanner) origin(at int) int {
	if s.off == nil {
		return at
	}
	return int(s.off[at])
}

// value is what people wrote between two offsets of the normalised text, with half-width letters and digits.
func (s *scanner) value(from, to int) string {
	if from >= to {
		return ""
	}
	raw := s.text[s.origin(from):s.origin(to)]
	if s.off == nil {
		return raw
	}
	return strings.Map(func(r rune) rune {
		switch {
		case 0xFF10 <= r && r <= 0xFF19, 0xFF21 <= r && r <= 0xFF3A, 0xFF41 <= r && r <= 0xFF5A:
			return r - 0xFEE0
		case r == 0x3000 || r == 0xA0:
			return ' '
		case fold(r) < 0:
			return -1
		}
		return r
	}, raw)
}
