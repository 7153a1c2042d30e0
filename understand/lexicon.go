package understand

import (
	"sort"
	"strings"
	"sync"
	"unicode/utf8"
)

// kind is a set of roles that a word can play.
type kind uint64

const (
	kBreak    kind = 1 << iota // end of a sentence or line
	kComma                     // a weaker separator
	kSpace                     // white space
	kList                      // 、 and other separators of lists
	kColon                     // what follows a label
	kQuote                     // quotes and brackets
	kDigits                    // a run of ASCII digits
	kLatin                     // a run of letters
	kLabel                     // a key of 键：值; the token's field says which
	kActivity                  // names an activity: 座谈会, 参观
	kPlace                     // ends the name of a place: 会议室, 楼
	kInPlace                   // stands behind a place: 一楼, 门口
	kAt                        // 在, 到
	kHold                      // 举办, 搞
	kVisit                     // 参观, 慰问: an activity that takes its place as its object
	kIssue                     // 登记, 发布: asks the bot to create
	kThing                     // 活动, 会议: what is created, no title by itself
	kLead                      // carries no meaning at the head of a title or a place
	kTail                      // carries no meaning at its end
	kPolite                    // 麻烦, 您好, 谢谢
	kNoise                     // a piece with it is no title: 欢迎参加, 请准时
	kWith                      // 和, 与, 联合
	kJoint                     // 联办, 共同举办
	kBranch                    // ends the name of a branch
	kCompany                   // occurs at the end of a firm's name
	kFirst                     // 我
	kWe                        // 我们, 我司
	kWant                      // 想, 需要, 求
	kHelp                      // 帮忙, 牵线, 对接
	kTopic                     // speaks for a need category; the token's cat says which
	kAsk                       // 怎么, 什么, 吗
	kPast                      // 已经, 昨天, 顺利
	kThanks                    // 谢谢, 感谢, 辛苦了
	kNews                      // 报道, 强调, 印发
	kChat                      // 早上好, 哈哈
	kAttend                    // 参加, 去
	kSign                      // 报名
	kNot                       // 不, 没
	kCancel                    // 取消, 不办了
	kChange                    // 改到, 推迟
	kMove                      // 推迟, 提前: a change that needs a value
	kPerson                    // 总, 经理: behind a family name
	kUnit                      // measures people: 人, 名
	kMeasure                   // 个, 场, 次
	kOffer                     // 我行可提供: an offer, no need
	kRemind                    // 别忘, 记得, 准时
	kIf                        // 如果, 要是
	kCorrect                   // 不对, 写错了
	kHearsay                   // 听说, 据说
	kOnline                    // 线上, 腾讯会议
	kWhole                     // generic words that make no title alone
	kLack                      // 坏了, 不够住, 停电: what a complaint says
	kFacility                  // 路灯, 路面: what belongs to nobody in particular and breaks
	kReach                     // 电话, 微信: by which somebody can be reached
)

// word is what the vocabulary says of one word.
type word struct {
	text  string
	kind  kind
	field field
	cat   uint8 // index into needCategories
	lian  uint8 // index into lianNames, plus one
	bias  int8  // weight of a topic word
}

// words adds roles to each of the blank-separated words of list.
type words struct {
	kind kind
	list string
}

// vocabulary is the index of all words by their first rune, the longest word first. It is built once.
var vocabulary = sync.OnceValue(func() map[rune][]word {
	all := map[string]*word{}
	get := func(s string) *word {
		w := all[s]
		if w == nil {
			w = &word{text: s}
			all[s] = w
		}
		return w
	}
	for _, table := range [][]words{plainWords, activityWords, placeWords, intentWords, needWords, personWords, complaintWords, reachWords} {
		for _, entry := range table {
			for s := range strings.FieldsSeq(entry.list) {
				get(s).kind |= entry.kind
			}
		}
	}
	for _, l := range labels {
		for s := range strings.FieldsSeq(l.list) {
			w := get(s)
			w.kind |= kLabel
			w.field = l.field
		}
	}
	for i, c := range lianNames {
		get(c).lian = uint8(i + 1)
	}
	for _, t := range topics {
		for s := range strings.FieldsSeq(t.list) {
			w := get(s)
			w.kind |= kTopic
			w.cat, w.bias = t.cat, t.weight
		}
	}
	index := map[rune][]word{}
	for _, w := range all {
		r, _ := utf8.DecodeRuneInString(w.text)
		index[r] = append(index[r], *w)
	}
	for _, list := range index {
		sort.Slice(list, func(i, j int) bool {
			if len(list[i].text) != len(list[j].text) {
				return len(list[i].text) > len(list[j].text)
			}
			return list[i].text < list[j].text
		})
	}
	return index
})

// token is a word, a run of digits or letters, or a single rune without a role.
type token struct {
	from, to int
	kind     kind
	field    field
	cat      uint8
	lian     uint8
	bias     int8
}

func (t token) is(k kind) bool { return t.kind&k != 0 }

// tokenise cuts the normalised text into the longest words that the vocabulary has, from the left.
func tokenise(norm string, toks []token) []token {
	index := vocabulary()
	for at := 0; at < len(norm); {
		r, size := utf8.DecodeRuneInString(norm[at:])
		t := token{from: at, to: at + size}
		switch {
		case '0' <= r && r <= '9':
			for t.to < len(norm) && '0' <= norm[t.to] && norm[t.to] <= '9' {
				t.to++
			}
			t.kind = kDigits
		case r == ' ':
			for t.to < len(norm) && norm[t.to] == ' ' {
				t.to++
			}
			t.kind = kSpace
		case r < 0x80 && !('a' <= r && r <= 'z') || 0x2010 <= r && r <= 0x303F || r == '·':
			t.kind = mark(r)
		default:
			for _, w := range index[r] {
				if strings.HasPrefix(norm[at:], w.text) {
					t.to = at + len(w.text)
					t.kind, t.field, t.cat, t.lian, t.bias = w.kind, w.field, w.cat, w.lian, w.bias
					break
				}
			}
			if 'a' <= r && r <= 'z' {
				end := at
				for end < len(norm) && 'a' <= norm[end] && norm[end] <= 'z' {
					end++
				}
				if end > t.to {
					t = token{from: at, to: end, kind: kLatin}
				} else if t.kind == 0 {
					t.kind = kLatin
				}
			}
		}
		toks = append(toks, t)
		at = t.to
	}
	return toks
}

// mark classifies punctuation.
func mark(r rune) kind {
	switch r {
	case '\n', '。', '!', '?', ';', '…':
		return kBreak
	case ',', '|':
		return kComma
	case '、', '/', '&', '+':
		return kList
	case ':', '=':
		return kColon
	case '"', '\'', '“', '”', '‘', '’', '「', '」', '『', '』', '《', '》', '【', '】', '〈', '〉', '(', ')', '[', ']', '{', '}', '<', '>', '〔', '〕', '#', '*', '`':
		return kQuote
	}
	return 0
}

// tokenAt is the index of the token that holds offset at.
func (s *scanner) tokenAt(at int) int { return int(s.index[max(0, min(at, len(s.norm)))]) }
