package understand

import (
	"strings"
	"unicode/utf8"
)

// Org is an entry of the gazetteer.
type Org struct {
	Name    string
	Aliases []string
}

// Found is an organisation found in a text.
type Found struct {
	Name     string // as in the gazetteer
	From, To int    // byte offsets in the text
	Exact    bool   // false for a small typo
}

// Gazetteer finds organisations in texts by name, alias, unique abbreviation and small typo. It is immutable.
type Gazetteer struct {
	names []string
	forms map[string]int   // folded form -> index into names, -1 where two organisations share it
	heads map[string][]int // first two characters of long forms -> lengths in bytes, longest first
	typos map[string]int   // a form with one character left out -> index, -1 where it is not unique
	long  int              // bytes of the longest form
}

// legal are the ends of names that people leave out.
var legal = []string{"股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "集团", "公司", "党支部", "党委", "支部"}

// trades are the words that may follow the part of a name that people call a firm by.
var trades = []string{"装备", "科技", "电子", "光电", "软件", "材料", "新材料", "数控", "信息", "智能", "技术", "生物", "医药", "仪器", "精密", "机械", "制造", "实业", "环保", "能源", "通信", "网络"}

// NewGazetteer builds one. The names and aliases count in full; the short forms of a name (without 有限公司, without a trade
// such as 科技) and forms with one wrong character count where they belong to one organisation only.
func NewGazetteer(orgs []Org) *Gazetteer {
	g := &Gazetteer{forms: map[string]int{}, heads: map[string][]int{}, typos: map[string]int{}}
	full := map[string]bool{}
	for i, o := range orgs {
		g.names = append(g.names, o.Name)
		for _, form := range append([]string{o.Name}, o.Aliases...) {
			form = foldAll(form)
			if runes(form) < 2 {
				continue
			}
			g.forms[form] = i
			full[form] = true
		}
	}
	add := func(form string, i int) {
		if runes(form) < 2 || full[form] {
			return
		}
		if old, ok := g.forms[form]; ok && old != i {
			i = -1
		}
		g.forms[form] = i
	}
	for i, o := range orgs {
		for _, form := range append([]string{o.Name}, o.Aliases...) {
			form = foldAll(form)
			for _, end := range legal {
				if s, ok := strings.CutSuffix(form, end); ok {
					form = s
					add(form, i)
					break
				}
			}
			for range 2 {
				for _, trade := range trades {
					if s, ok := strings.CutSuffix(form, trade); ok && runes(s) >= 2 {
						form = s
						add(form, i)
						break
					}
				}
			}
		}
	}
	for form, i := range g.forms {
		g.long = max(g.long, len(form))
		if i < 0 {
			continue
		}
		head := firstRunes(form, 2)
		if !containsInt(g.heads[head], len(form)) {
			g.heads[head] = append(g.heads[head], len(form))
		}
		if runes(form) >= 4 {
			leaveOut(form, func(s string) {
				if old, ok := g.typos[s]; ok && old != i {
					g.typos[s] = -1
				} else {
					g.typos[s] = i
				}
			})
		}
	}
	for _, list := range g.heads {
		sortDown(list)
	}
	return g
}

// leaveOut calls f with the form without each of its characters, marked with the place of the gap.
func leaveOut(form string, f func(string)) {
	for at := 0; at < len(form); {
		_, n := utf8.DecodeRuneInString(form[at:])
		f(form[:at] + "\x00" + form[at+n:])
		at += n
	}
}

func foldAll(s string) string {
	folded, _ := normalise(s, nil)
	return folded
}

func firstRunes(s string, n int) string {
	at := 0
	for range n {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return s[:at]
}

func containsInt(list []int, n int) bool {
	for _, v := range list {
		if v == n {
			return true
		}
	}
	return false
}

func sortDown(list []int) {
	for i := range list {
		for j := i; j > 0 && list[j] > list[j-1]; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
}

// Find returns the organisations that a text names, in order.
func (g *Gazetteer) Find(text string) []Found {
	if g == nil {
		return nil
	}
	norm, off := normalise(text, nil)
	origin := func(at int) int {
		if off == nil {
			return at
		}
		return int(off[at])
	}
	var out []Found
	for at := 0; at < len(norm) && len(out) < 32; {
		i, end, exact := g.at(norm, at)
		if i >= 0 {
			out = append(out, Found{g.names[i], origin(at), origin(end), exact})
			at = end
			continue
		}
		_, n := utf8.DecodeRuneInString(norm[at:])
		at += n
	}
	return out
}

// at returns the organisation whose name begins at an offset of folded text, -1 where there is none.
func (g *Gazetteer) at(norm string, at int) (org, end int, exact bool) {
	for _, n := range g.heads[firstRunes(norm[at:], 2)] {
		if at+n <= len(norm) {
			if i, ok := g.forms[norm[at:at+n]]; ok && i >= 0 {
				return i, at + n, true
			}
		}
	}
	if len(g.typos) == 0 || norm[at] < 0x80 {
		return -1, 0, false
	}
	end = at
	for n := 1; n <= 8 && end < len(norm); n++ {
		r, size := utf8.DecodeRuneInString(norm[end:])
		if !han(r) {
			break
		}
		end += size
		if n < 4 {
			continue
		}
		if i := g.typo(norm[at:end]); i >= 0 {
			return i, end, false
		}
	}
	return -1, 0, false
}

// typo finds the form that differs from s in one character.
func (g *Gazetteer) typo(s string) int {
	var buf [64]byte
	for at := 0; at < len(s); {
		_, n := utf8.DecodeRuneInString(s[at:])
		key := append(append(append(buf[:0], s[:at]...), 0), s[at+n:]...)
		if i, ok := g.typos[string(key)]; ok && i >= 0 {
			return i
		}
		at += n
	}
	return -1
}

// whole reports whether folded text is the name of one organisation.
func (g *Gazetteer) whole(s string) bool {
	if g == nil || s == "" {
		return false
	}
	i, end, _ := g.at(s, 0)
	return i >= 0 && end == len(s)
}
