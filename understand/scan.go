package understand

import (
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"lianbang/zhtime"
)

// longest is how many bytes of a message are read: nobody asks a bot for something on the tenth page.
const longest = 16 << 10

// atomKind says what an atom is.
type atomKind uint8

const (
	aTime atomKind = iota + 1
	aPhone
	aPeople
	aMoney
	aCode
	aLian
	aMention
	aBranch
	aContact
	aLink // an address of the web
	aCut  // belongs to a field that is already read, or to no field
)

// atom is a piece that is recognised by its own form, without its surroundings.
type atom struct {
	from, to int
	kind     atomKind
	lo, n    int64 // people; money in 分; the number of a code; lo is the lower end of a range
	at       int   // index into times; the letter of a code
	per      bool  // per unit, not in total
}

// scanner holds one message at every stage of the pipeline.
type scanner struct {
	text  string
	norm  string
	off   []int32
	toks  []token
	index []int32 // offset in norm -> token
	atoms []atom  // in order, without overlaps
	times []zhtime.Match
	now   time.Time
	gaz   *Gazetteer
	spans []Span
	saved []atom // the atoms before an attempt

	pieces []piece
	tally  tally

	changing  bool  // reading new values: words of change separate pieces
	complaint bool  // reading a complaint: rooms are where it happens, not what is sought
	aim       guess // where target read the title
	links     bool  // there are addresses of the web
}

var scanners = sync.Pool{New: func() any { return new(scanner) }}

// scan runs the stages that do not depend on the intent. The caller must give the scanner back with release.
func scan(text string, now time.Time, g *Gazetteer) *scanner {
	s := scanners.Get().(*scanner)
	s.text, s.now, s.gaz = text, now, g
	if len(text) > longest {
		end := longest
		for end > longest-utf8.UTFMax && !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end]
	}
	s.norm, s.off = normalise(text, s.off[:0])
	s.toks = tokenise(s.norm, s.toks[:0])
	s.index = s.index[:0]
	for i := range s.toks {
		for range s.toks[i].to - s.toks[i].from {
			s.index = append(s.index, int32(i))
		}
	}
	s.index = append(s.index, int32(len(s.toks)))
	s.atoms, s.pieces, s.spans = s.atoms[:0], s.pieces[:0], nil
	s.findAtoms()
	s.save()
	return s
}

func (s *scanner) release() {
	if cap(s.toks) > 1<<14 {
		return
	}
	keep := s.off
	if keep == nil {
		keep = []int32{}
	}
	*s = scanner{off: keep, toks: s.toks, index: s.index, atoms: s.atoms, saved: s.saved, pieces: s.pieces}
	scanners.Put(s)
}

// findAtoms finds what has a form of its own. Phones and money beat times (1.5亿 is no 5 January), times beat people.
func (s *scanner) findAtoms() {
	for i := range s.toks {
		t := &s.toks[i]
		if n := len(s.atoms); n > 0 && s.atoms[n-1].to > t.from {
			continue
		}
		switch {
		case s.norm[t.from] == '@':
			s.add(s.mention(t.from))
		case (s.norm[t.from] == 'h' || s.norm[t.from] == 'w') && s.anyAt(t.from, "http", "www.") > 0:
			if a, ok := s.link(i); ok {
				s.links = true
				s.add(a, ok)
			}
		case t.lian != 0:
			s.atoms = append(s.atoms, atom{from: t.from, to: t.to, kind: aLian, at: int(t.lian - 1)})
		case s.mayBeNumber(t):
			if a, ok := s.phone(i); ok {
				s.add(a, ok)
			} else {
				s.add(s.money(t.from))
			}
		}
		if n := len(s.atoms); n == 0 || s.atoms[n-1].to <= t.from {
			s.add(s.code(i))
		}
	}
	own := len(s.atoms)
	s.times = zhtime.Parse(s.norm, s.now, nil)
	for i := range s.times {
		s.onceMore(i)
		m := &s.times[i]
		if m.From < m.To && !overlaps(s.atoms[:own], m.From, m.To) {
			s.atoms = append(s.atoms, atom{from: m.From, to: m.To, kind: aTime, at: i})
		}
	}
	s.sortAtoms()
	own = len(s.atoms)
	last := 0
	for i := range s.toks {
		t := &s.toks[i]
		if t.from < last || !s.mayBeNumber(t) {
			continue
		}
		if a, ok := s.people(t.from); ok && !overlaps(s.atoms[:own], a.from, a.to) {
			s.atoms = append(s.atoms, a)
			last = a.to
		}
	}
	s.sortAtoms()
}

// onceMore reads 记一下周日 as 记一下 and 周日: the 下 of the match belongs to 一下.
func (s *scanner) onceMore(i int) {
	m := &s.times[i]
	s.clockOnly(m)
	if !s.hasAt(m.From, "下") || !strings.HasSuffix(s.norm[:m.From], "一") {
		return
	}
	before, _ := utf8.DecodeLastRuneInString(s.norm[:m.From-len("一")])
	if !strings.ContainsRune("记布发起改排登说看办查动整消报通知换调安", before) {
		return
	}
	from := m.From + len("下")
	for _, n := range zhtime.Parse(s.norm[from:m.To], s.now, nil) {
		n.From += from
		n.To += from
		*m = n
		return
	}
}

// clockOnly reads 三点三四十人 as 三点 and 三四十人: digits before a unit of people are no minutes.
func (s *scanner) clockOnly(m *zhtime.Match) {
	if r, _ := utf8.DecodeRuneInString(s.norm[m.To:]); !strings.ContainsRune("十百来多几个名位人", r) || r == utf8.RuneError {
		return
	}
	k := strings.LastIndex(s.norm[m.From:m.To], "点")
	if k < 0 {
		return
	}
	from, to := m.From, m.From+k+len("点")
	if to >= m.To {
		return
	}
	for _, r := range s.norm[to:m.To] {
		if chineseDigit(r) < 0 && chineseUnit(r) != 10 {
			return
		}
	}
	for _, n := range zhtime.Parse(s.norm[from:to], s.now, nil) {
		if n.To == to-from {
			n.From += from
			n.To += from
			*m = n
			return
		}
	}
}

func (s *scanner) add(a atom, ok bool) {
	if ok {
		s.atoms = append(s.atoms, a)
	}
}

func (s *scanner) sortAtoms() {
	slices.SortFunc(s.atoms, func(a, b atom) int { return a.from - b.from })
}

// overlaps reports whether one of the ordered atoms shares a byte with [from, to).
func overlaps(atoms []atom, from, to int) bool {
	lo, hi := 0, len(atoms)
	for lo < hi {
		mid := (lo + hi) / 2
		if atoms[mid].to <= from {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo < len(atoms) && atoms[lo].from < to
}

// atomAt is the atom that holds offset at.
func (s *scanner) atomAt(at int) *atom {
	lo, hi := 0, len(s.atoms)
	for lo < hi {
		mid := (lo + hi) / 2
		if s.atoms[mid].to <= at {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(s.atoms) && s.atoms[lo].from <= at {
		return &s.atoms[lo]
	}
	return nil
}

// insert puts an atom over [from, to), swallowing what it covers.
func (s *scanner) insert(a atom) {
	s.atoms = slices.DeleteFunc(s.atoms, func(b atom) bool { return b.from < a.to && a.from < b.to })
	i, _ := slices.BinarySearchFunc(s.atoms, a.from, func(b atom, at int) int { return b.from - at })
	s.atoms = slices.Insert(s.atoms, i, a)
}

// mention reads @名字 up to white space or punctuation.
func (s *scanner) mention(at int) (atom, bool) {
	end := at + 1
	for end < len(s.norm) && end-at < 64 {
		r, size := utf8.DecodeRuneInString(s.norm[end:])
		if r == ' ' || r == '@' || mark(r)&(kBreak|kComma|kColon|kList) != 0 {
			break
		}
		end += size
	}
	return atom{from: at, to: end, kind: aMention}, end > at+1
}

// save keeps the atoms for restore: an attempt at one intent must leave no trace in the next.
func (s *scanner) save() { s.saved = append(s.saved[:0], s.atoms...) }

// restore undoes an attempt.
func (s *scanner) restore() {
	s.atoms = append(s.atoms[:0], s.saved...)
	s.spans = s.spans[:0]
	s.changing, s.complaint = false, false
}

// head is where the message begins behind the mentions and white space at its head.
func (s *scanner) head() int {
	at := 0
	for {
		at = s.skipSpace(at)
		a := s.atomAt(at)
		if a == nil || a.kind != aMention || a.from != at {
			return at
		}
		at = a.to
	}
}

// span records where a field was read.
func (s *scanner) span(from, to int, field, value string) {
	if from < to {
		s.spans = append(s.spans, Span{s.origin(from), s.origin(to), field, value})
	}
}

// hasAt reports whether word stands at offset at.
func (s *scanner) hasAt(at int, word string) bool {
	return at <= len(s.norm) && strings.HasPrefix(s.norm[at:], word)
}

// anyAt returns the length of the first of the words that stands at offset at.
func (s *scanner) anyAt(at int, words ...string) int {
	for _, w := range words {
		if s.hasAt(at, w) {
			return len(w)
		}
	}
	return 0
}

// skipSpace returns the offset behind blanks.
func (s *scanner) skipSpace(at int) int {
	for at < len(s.norm) && s.norm[at] == ' ' {
		at++
	}
	return at
}

func runes(s string) int { return utf8.RuneCountInString(s) }
