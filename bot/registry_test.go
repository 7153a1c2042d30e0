package bot

import (
	"strings"
	"testing"
)

func table() []Command[Ledger] {
	run := func(Ledger, *Call) (Reply, error) { return Reply{}, nil }
	h := Arg{Name: "活动", Kind: CodeArg, Letter: "H", Noun: "活动"}
	maybe := h
	maybe.Optional = true
	return []Command[Ledger]{
		{Path: "登记活动", Section: "活动", Summary: "登记", Example: "登记活动 明天 参观", Args: []Arg{{Name: "内容", Kind: TextArg, Optional: true}}, Run: run},
		{Path: "活动", Section: "活动", Summary: "列表", Example: "活动", Args: []Arg{maybe}, Run: run},
		{Path: "报名", Aliases: []string{"参加"}, Section: "活动", Summary: "报名", Example: "报名 H1 3人",
			Args: []Arg{h, {Name: "人数", Kind: CountArg, Optional: true}}, Run: run},
		{Path: "取消报名", Section: "活动", Summary: "不去", Example: "取消报名 H1", Args: []Arg{h}, Run: run},
		{Path: "改", Section: "活动", Summary: "改", Example: "改 H1 名额 40", Args: []Arg{h, {Name: "内容", Kind: TextArg}}, Run: run},
		{Path: "派", Section: "诉求", Summary: "派", Example: "派 S1 张航", Need: 3,
			Args: []Arg{{Name: "诉求", Kind: CodeArg, Letter: "S", Noun: "诉求"}, {Name: "姓名", Kind: TextArg}}, Run: run},
	}
}

func TestParse(t *testing.T) {
	r, err := NewRegistry(table())
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		line, path, missing string
		code                int64
		count               int
		text                string
	}{
		{line: "报名 H27 3人", path: "报名", code: 27, count: 3},
		{line: "报名h27 3人", path: "报名", code: 27, count: 3},
		{line: "报名 #H27", path: "报名", code: 27},
		{line: "报名 活动27 两人", path: "报名", code: 27, count: 2},
		{line: "报名 3人 H27", path: "报名", code: 27, count: 3},
		{line: "参加 H 27 十二人", path: "报名", code: 27, count: 12},
		{line: "报名 H27 +2", path: "报名", code: 27, count: 2},
		{line: "/报名 H27。", path: "报名", code: 27},
		{line: "报名", path: "报名", missing: "活动"},
		{line: "报名单在哪里"},
		{line: "报名 H27a", path: "报名", missing: "活动"},
		{line: "活动", path: "活动"},
		{line: "活动27", path: ""},
		{line: "活动 H27", path: "活动", code: 27},
		{line: "活动室在哪"},
		{line: "改H27名额40", path: "改", code: 27, text: "名额40"},
		{line: "改 H27", path: "改", missing: "内容", code: 27},
		{line: "改天再说吧"},
		{line: "派 S3 张航", path: "派", text: "张航"},
		{line: "派人来看看"},
		{line: "登记活动", path: "登记活动"},
		{line: "登记活动下周三 参观", path: "登记活动", text: "下周三 参观"},
		{line: "登记活动怎么弄吗"},
		{line: "登记活动在哪里？"},
		{line: "取消报名 H3", path: "取消报名", code: 3},
		{line: "报名 H99999999999999999999", path: "报名", code: maxNumber},
		{line: ""},
	}
	for _, tt := range tests {
		p := r.Parse(Fold(tt.line))
		path, missing := "", ""
		if p.Command != nil {
			path = p.Command.Path
		}
		if p.Missing != nil {
			missing = p.Missing.Name
		}
		if path != tt.path || missing != tt.missing || path != "" && (p.codes["H"] != tt.code || p.count != tt.count || p.text != tt.text) {
			t.Errorf("%q: %s missing %q, code %d, count %d, text %q", tt.line, path, missing, p.codes["H"], p.count, p.text)
		}
	}
}

func TestNear(t *testing.T) {
	r, err := NewRegistry(table())
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		line, right string
		coded       bool
		role        Role
	}{
		{line: "抱名 H1", right: "报名 H1", coded: true},
		{line: "名报 H1", right: "报名 H1", coded: true},
		{line: "抱名", right: "报名"},
		{line: "取笑报名 H1", right: "取消报名 H1", coded: true},
		{line: "今天天气不错"},
		{line: "抱歉我来晚了"},
		{line: "登记话动 明天 参观", right: "登记活动 明天 参观"},
		{line: strings.Repeat("长", 60)},
	}
	for _, tt := range tests {
		if _, right, coded := r.Near(tt.line, tt.role); right != tt.right || coded != tt.coded {
			t.Errorf("%q: %q %v, want %q %v", tt.line, right, coded, tt.right, tt.coded)
		}
	}
}

func TestNewRegistryRefuses(t *testing.T) {
	for name, spoil := range map[string]func([]Command[Ledger]){
		"the word \"报名\" is taken":  func(cs []Command[Ledger]) { cs[0].Aliases = []string{"报名"} },
		"does not parse":            func(cs []Command[Ledger]) { cs[2].Example = "报名三个人吧" },
		"nothing runs it":           func(cs []Command[Ledger]) { cs[1].Run = nil },
		"no summary or section":     func(cs []Command[Ledger]) { cs[1].Summary = "" },
		"must be the last":          func(cs []Command[Ledger]) { cs[4].Args[0], cs[4].Args[1] = cs[4].Args[1], cs[4].Args[0] },
		"the intent \"x\" is taken": func(cs []Command[Ledger]) { cs[0].Intents, cs[1].Intents = []string{"x"}, []string{"x"} },
		"the path is empty":         func(cs []Command[Ledger]) { cs[0].Path = "Ｈ" },
	} {
		cs := table()
		spoil(cs)
		if _, err := NewRegistry(cs); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		" 报名\t H1 \r\n": "报名  H1", "a\x00b\x1bc": "abc", "\u202e反\u200f向": "反向", "\xff\xfe坏": "坏", "👨‍👩‍👧": "👨‍👩‍👧", "a\nb": "a\nb",
	} {
		if got := Clean(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	r, err := NewRegistry(table())
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range r.Commands() {
		f.Add(c.Example)
	}
	f.Add("报名 H１ 两 人\x00\xff")
	f.Fuzz(func(t *testing.T, line string) {
		line = Fold(Clean(line))
		r.Parse(line)
		r.Near(line, 0)
	})
}
