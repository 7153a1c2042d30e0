package handlers

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"lianbang/bot"
)

// spoken is a free form of a command about needs, such as S3 派 王科: its handler reads it like a typed one.
type spoken struct {
	need  int64
	text  string
	count int
}

// The free forms. The group names say what a piece is: need, text, count.
var spokenForms = []struct {
	form *regexp.Regexp
	path string
}{
	{spokenForm(`CODE(?:派单给|改派给|派给|转办给|转给|派单|改派|转办|派)[:,，]?(?P<text>.*)`), "派"},
	{spokenForm(`把CODE(?:派单给|改派给|派给|转办给|转给|交给)(?P<text>.+)`), "派"},
	{spokenForm(`(?:派单给|改派给|派给|转办给|转给|派单|改派|派) ?(?P<text>[^sS]+?) ?CODE(?P<more>.*)`), "派"},
	{spokenForm(`(?:派单|改派|派)(?: (?P<text>\S.*))?`), "派"},
	{spokenForm(`把?CODE(?:已经|已)?(?:办结|办好|办完|办成|搞定|解决)(?:了)?[:,，]?(?P<text>.*)`), "办结"},
	{spokenForm(`(?:已经|已)?(?:办结|办好|办完|办成|搞定)(?:了)?[:,，]? ?CODE(?P<text>.*)`), "办结"},
	{spokenForm(`(?:办结|已办结|已办好|办结了|办好了|办完了|搞定了)`), "办结"},
	{spokenForm(`办结[ :,，](?P<text>.+)`), "办结"},
	{spokenForm(`把?CODE(?:撤回|撤销|取消|撤了|不要了|不用办了|不用了|不办了|作废)(?:吧|了)?`), "撤回诉求"},
	{spokenForm(`(?:撤回|撤销|取消|撤)(?:我的)?(?:诉求)?CODE(?:吧|了)?`), "撤回诉求"},
	{spokenForm(`(?:改|修改|改一下)?CODE(?:的)?(?:类别|分类|类型)(?:改成|改为|应该是|是|为)?[:,，]?(?P<text>.+)`), "改类别"},
	{spokenForm(`(?:诉求)?(?:的)?(?:类别|分类|类型)(?:不对|错了|搞错了|写错了|选错了|弄错了|不准|有误)?[ :,，。]*(?:应该是|应该算|应该|应是|应为|改成|改为|是|属于|算)(?P<text>.+)`), "改类别"},
	{spokenForm(`(?:改|修改)CODE(?P<text>.+)`), "改诉求"},
	{spokenForm(`CODE改(?P<text>.+)`), "改诉求"},
	{spokenForm(`CODE补充(?:一下|说明)?[:,，]?(?P<text>.*)`), "补充"},
	{spokenForm(`补充(?:(?:一下|说明)?[ :,，](?P<text>.+))?`), "补充"},
	{spokenForm(`CODE(?:确认|属实|没问题)[:,，]?(?P<text>.*)`), "确认"},
	{spokenForm(`CODE(?:不符|不属实|重办|没办成|没有办成|没解决|没有解决)[:,，]?(?P<text>.*)`), "不符"},
	{spokenForm(`CODE(?P<text>(?:很|非常|基本|不|很不|非常不)?满意)`), "确认"},
	{spokenForm(`(?:1|属实|确认|是|是的)?[ ,，]*(?P<text>(?:很|非常|基本|不|很不|非常不|都)?满意)(?:的|了)?`), "确认"},
	{spokenForm(`(?:不属实|没办成|没有办成|还没办成|没解决|没有解决|还没解决)(?:[ ,，](?P<text>.+))?`), "不符"},
	{spokenForm(`CODE(?:进展|跟进)[:,，]? ?(?P<text>[^了吗呢?].*)`), "进展"},
	{spokenForm(`(?:进展|跟进)[ :,，](?P<text>.+)`), "进展"},
	{spokenForm(`CODE(?P<text>(?:我|我们)?(?:今天|昨天|上午|下午|刚刚|刚才|刚)?(?:已经|已|正在|在)(?:跟|和|与|向|把|帮)?\S*?(?:联系|对接|沟通|协调|走访|上门|约|转交|上报|提交|核实).*)`), "进展"},
	{spokenForm(`CODE(?:进度|进展|怎么样了|到哪一步了?|办得怎么样了?)?`), "进度"},
	{spokenForm(`我的 ?(?P<text>诉求|任务|活动|登记)`), "我的"},
	{spokenForm(`待派单? ?第?(?P<count>\d{1,3})页?`), "待派"},
	{spokenForm(`我的单位(?:是什么|是啥)?`), "我的单位"},
}

// closing is what says that a need is settled.
var closing = regexp.MustCompile(`办结|办好|办完|办成|办妥|搞定|解决|处理好|处理完|完成|落实|结案|完结`)

// spokenForm makes an expression of a form: CODE is the code of a need, and a space may stand between any two pieces.
func spokenForm(form string) *regexp.Regexp {
	return regexp.MustCompile(`(?s)^` + strings.ReplaceAll(form, "CODE", ` ?(?:诉求)? ?#?[sS] ?(?P<need>\d{1,9})[ ,，:]* ?`) + `[。.!~ ]*$`)
}

// order reads a free form.
func (d *Desk) order(text string) (bot.Guess, bool) {
	line := strings.TrimSpace(bot.Fold(text))
	first, _ := utf8.DecodeRuneInString(line)
	if !strings.ContainsRune("#sS诉把派改转办已搞撤取修补属确是1很非基不满都还没我待进跟类分", first) || len(line) > 4*maxNeed {
		return bot.Guess{}, false
	}
	for _, f := range spokenForms {
		m := f.form.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		if f.path == "进展" && closing.MatchString(line) {
			continue // S1 已联系企业，可以办结了
		}
		var o spoken
		for i, name := range f.form.SubexpNames() {
			switch name {
			case "need":
				o.need, _ = strconv.ParseInt(m[i], 10, 64)
			case "text":
				o.text = strings.TrimSpace(m[i])
			case "more":
				o.text = strings.TrimSpace(o.text + " " + m[i])
			case "count":
				o.count, _ = strconv.Atoi(m[i])
			}
		}
		path := f.path
		switch {
		case path == "改类别" && o.need == 0 && d.namedCategory(o.text) == "":
			return bot.Guess{}, false // of an activity: 类别不对，应该是阵地联建
		case path == "改类别":
			path, o.text = "改诉求", "类别 "+o.text
		case o.need != 0 && path == "进展" && asksProgress(o.text),
			o.need != 0 && (path == "办结" || path == "派") && questioning(o.text):
			path, o.text = "进度", "" // S1 办好了吗, S1 派给谁了
		}
		return bot.Guess{Path: path, Sure: true, Reading: o}, true
	}
	return bot.Guess{}, false
}

// questioning reports whether the words behind an order ask something: 办好了吗, 派给谁了.
func questioning(text string) bool {
	text = strings.TrimRight(text, " 。.!~")
	for _, w := range [...]string{"吗", "么", "没", "没有", "?", "呢"} {
		if strings.HasSuffix(text, w) {
			return true
		}
	}
	return strings.Contains(text, "谁") || strings.Contains(text, "什么时候")
}

// heard makes a typed call of a spoken one.
func heard(c *call) {
	o, ok := c.Reading.(spoken)
	if !ok {
		return
	}
	c.Reading, c.Text, c.Count, c.Given = nil, o.text, o.count, o.count > 0
	c.Codes = nil
	if o.need != 0 {
		c.Codes = map[string]int64{"S": o.need}
	}
}

// shortAside is how long a sentence without a code may be that is not taken for an answer.
const shortAside = 16

// aside reports whether a text is plainly no answer to a question about a need: an order about another one (S2 办结 …), or a
// short question about progress.
func (d *Desk) aside(c *call, q bot.Question, g bot.Guess) bool {
	if o, ok := g.Reading.(spoken); ok {
		asked, _ := strconv.ParseInt(q.Draft["need"], 10, 64)
		switch g.Path {
		case "我的", "待派", "我的单位":
			return true
		case "进度":
			return o.need != 0
		}
		return o.need != 0 && o.need != asked
	}
	if utf8.RuneCountInString(c.Text) > shortAside {
		return false
	}
	switch g.Path {
	case "进度", "我的", "帮助":
		return g.Sure
	case "报诉求":
		return g.Sure && q.Command != "报诉求" && d.empty(c.Text) // 我要反映一个问题
	}
	return false
}

var onlyActivity = regexp.MustCompile(`^(?:活动)?#?[hH] ?\d{1,9}[ 。.?]*$`)

// asideNew is aside while a need is being reported, when a sentence that would be acted on, is short or says which activity it
// is about, and a mistyped command with a code are no part of it either.
func (d *Desk) asideNew(c *call, q bot.Question, g bot.Guess) bool {
	if d.aside(c, q, g) {
		return true
	}
	if _, ok := g.Reading.(spoken); ok {
		return false
	}
	if _, _, coded := d.registry.Near(c.Line, c.Role); coded || onlyActivity.MatchString(c.Line) {
		return true
	}
	if !g.Sure || utf8.RuneCountInString(c.Text) > shortAside && codeIn(c.Line, 'H') == 0 {
		return false
	}
	switch g.Path {
	case "活动", "报名", "取消报名", "改", "取消活动", "撤销", "周报":
		return true
	}
	return false
}

// obey runs a spoken command.
func (d *Desk) obey(s Store, c *call, g bot.Guess) (bot.Reply, error) {
	cmd := d.registry.Find(g.Path)
	if c.Role < cmd.Need {
		c.Path = cmd.Path
		return Voice{d}.Forbidden(c, cmd.Need, cmd.Summary), nil
	}
	c.Path, c.Reading, c.Draft = cmd.Path, g.Reading, nil
	return cmd.Run(s, c)
}

var codeAnywhere = regexp.MustCompile(`(?:^|[^A-Za-z0-9])#?[sS] ?(\d{1,9})(?:$|[^A-Za-z0-9.])`)

// takeCode finds the need's code in the rest of a command, where it was not said first: 派 王科 S3.
func takeCode(c *call) {
	if c.Code("S") != 0 {
		return
	}
	at := codeAnywhere.FindStringSubmatchIndex(c.Text)
	if at == nil {
		return
	}
	n, _ := strconv.ParseInt(c.Text[at[2]:at[3]], 10, 64)
	c.Codes = map[string]int64{"S": n}
	c.Text = strings.TrimSpace(strings.TrimRight(c.Text[:at[2]], "sS# ") + " " + strings.Trim(c.Text[at[3]:], " ,，:："))
}

// startsWithCode reports whether a text begins with the code of a need.
func startsWithCode(text string) bool {
	at := codeAnywhere.FindStringIndex(text + " ")
	return at != nil && at[0] == 0
}
