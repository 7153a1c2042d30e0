package understand

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// company reads which firm asks: behind 企业：, 我是X的, or before 想, 急需, 招.
func (s *scanner) company(from, to int, n *Need) {
	set := func(f, t int) bool {
		f, t = s.trim(f, t)
		if f >= t || runes(s.norm[f:t]) > 30 {
			return false
		}
		n.Company = s.value(f, t)
		s.span(f, t, "company", n.Company)
		return true
	}
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		if s.toks[i].is(kLabel) && s.toks[i].field == fCompany {
			if _, at, ok := s.labelAt(i); ok && at < to && s.colonBefore(at) {
				end := at
				for k := s.tokenAt(at); k < len(s.toks) && s.toks[k].from < to; k++ {
					if _, _, ok := s.labelAt(k); ok && k > s.tokenAt(at) || s.toks[k].is(kBreak|kComma|kSpace) || s.isCut(&s.toks[k]) {
						break
					}
					end = s.toks[k].to
				}
				if set(at, end) {
					return
				}
			}
		}
	}
	if s.gaz != nil { // the firm that asks is named before what it asks for
		for at := from; at < to && at < from+600; {
			if a := s.atomAt(at); a != nil {
				at = a.to
				continue
			}
			if i, end, _ := s.gaz.at(s.norm, at); i >= 0 && end <= to {
				n.Company = s.gaz.names[i]
				s.span(at, end, "company", n.Company)
				return
			}
			_, size := utf8.DecodeRuneInString(s.norm[at:])
			at += size
		}
	}
	start := true
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		t := &s.toks[i]
		if t.is(kBreak | kComma | kSpace | kColon | kQuote) {
			start = true
			continue
		}
		if !start || s.atomAt(t.from) != nil && s.atomAt(t.from).kind == aMention {
			continue
		}
		if t.is(kPolite|kIssue|kLead) && !t.is(kWe) || s.anyAt(t.from, "我们是", "我是", "这里是", "我们", "我") > 0 && s.anyAt(t.from, "我们", "我是", "我") >= t.to-t.from && s.companyAfterWe(t) {
			if s.anyAt(t.from, "我们是", "我是", "这里是") > 0 {
				i = max(i, s.tokenAt(t.from+s.anyAt(t.from, "我们是", "我是", "这里是"))-1)
			}
			continue
		}
		start = false
		if end := s.firmAt(i, to); end > 0 {
			if set(t.from, end) {
				return
			}
		}
	}
}

func (s *scanner) companyAfterWe(t *token) bool {
	return s.anyAt(t.from, "我们是", "我是", "这里是") > 0 || s.anyAt(t.to, "是") > 0
}

func (s *scanner) isCut(t *token) bool {
	a := s.atomAt(t.from)
	return a != nil && (a.kind == aPhone || a.kind == aContact || a.kind == aTime)
}

// firmAt returns the end of the name of a firm that begins at token i, 0 where there is none: the words before what the
// firm wants, if they end the way that firms' names end.
func (s *scanner) firmAt(i, to int) int {
	from := s.toks[i].from
	if s.anyAt(from, "公司", "企业", "我司", "本公司", "我公司", "贵公司", "某公司", "一家", "有家", "哪家", "有公司", "各企业", "有企业", "某企业") > 0 {
		return 0
	}
	end, j := from, i
	for ; j < len(s.toks) && s.toks[j].from < to && j < i+16; j++ {
		t := &s.toks[j]
		if a := s.atomAt(t.from); a != nil {
			break
		}
		if !t.is(kCompany) && (t.is(kBreak|kComma|kSpace|kColon|kQuote|kWant|kHelp|kTopic|kNot|kAt|kLead|kHold|kPerson|kPast|kWe|kFirst|kPolite|kAsk) ||
			s.anyAt(t.from, "这边", "目前", "现", "急", "因", "有", "的", "方面", "这里", "最近", "近期", "明年", "今年", "正", "需", "为") > 0) {
			break
		}
		end = t.to
	}
	if j == i {
		return 0
	}
	name := s.norm[from:end]
	for _, w := range companyEnds() {
		if w != "企业" && strings.HasSuffix(name, w) && (runes(name) >= 4 || w == "公司" && runes(name) > 2 || runes(name) == 3 && len(w) == 3) && len(name) > len(w) {
			return end
		}
	}
	return 0
}

// companyEnds are the words that the names of firms end in.
var companyEnds = sync.OnceValue(func() []string {
	var out []string
	for _, entry := range plainWords {
		if entry.kind == kCompany {
			out = append(out, strings.Fields(entry.list)...)
		}
	}
	return out
})

// needText is the need in the asker's words: without mention, command, labels and telephone.
func (s *scanner) needText(from, to int) string {
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		t := &s.toks[i]
		if a := s.atomAt(t.from); a != nil && a.kind == aMention {
			from = a.to
			i = max(i, s.tokenAt(a.to)-1)
			continue
		}
		if t.is(kSpace | kColon | kComma | kBreak) {
			from = t.to
			continue
		}
		if t.is(kPolite) || s.norm[t.from:t.to] == "报诉求" || s.norm[t.from:t.to] == "报需求" || s.norm[t.from:t.to] == "登记诉求" {
			from = t.to
			continue
		}
		break
	}
	if i := s.firstWord(from); i < len(s.toks) && s.toks[i].from < to {
		t := &s.toks[i]
		if c := s.namedCategory(t.from); c >= 0 && s.norm[t.from:t.to] == needCategories[c] && i+1 < len(s.toks) && s.toks[i+1].is(kSpace|kColon|kComma) {
			from = s.toks[i+1].to
		}
	}
	text := s.textLabel(from, to)
	if text != "" {
		return text
	}
	x, z := s.trim(from, to)
	if x < z {
		s.span(x, z, "text", s.value(x, z))
	}
	return s.value(x, z)
}

// textLabel is the value of 内容： where a message has one.
func (s *scanner) textLabel(from, to int) string {
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		t := &s.toks[i]
		if !t.is(kLabel) || t.field != fNeedText && t.field != fBody {
			continue
		}
		f, at, ok := s.labelAt(i)
		if !ok || f == fNone || at >= to {
			continue
		}
		end := at
		for k := s.tokenAt(at); k < len(s.toks) && s.toks[k].from < to; k++ {
			if s.norm[s.toks[k].from] == '\n' || s.anyAt(s.toks[k].from, "。", ";") > 0 {
				break
			}
			if _, _, ok := s.labelAt(k); ok && k > s.tokenAt(at) {
				break
			}
			end = s.toks[k].to
		}
		x, z := s.trim(at, end)
		if x < z {
			s.span(x, z, "text", s.value(x, z))
			return s.value(x, z)
		}
	}
	return ""
}
