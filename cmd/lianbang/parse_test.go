package main

import "testing"

func TestParse(t *testing.T) {
	in := `{"id":"a","text":"下周三下午2点半开会","ref":"2026-11-22T10:00:00+08:00"}
{"id":"b","text":"周五前交材料","ref":"2026-11-22T02:00:00Z"}
{"id":"c","text":"2月30日","ref":"2026-11-22T10:00:00+08:00"}
`
	want := `{"id":"a","start":"2026-11-25T14:30:00+08:00","end":null,"kind":"datetime","refused":null}
{"id":"b","start":null,"end":"2026-11-27","kind":"deadline","refused":null}
{"id":"c","start":null,"end":null,"kind":"date","refused":"impossible"}
`
	if got := lianbang(t, in, "parse", "when"); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	want = `意图：登记活动`
	if got := lianbang(t, "", "parse", "--now", "2026-11-25T10:00", "下周五下午3点在5号楼路演厅搞技术沙龙，限20人"); got[:len(want)] != want {
		t.Error(got)
	}
	want = `{"amount":5000000`
	if got := lianbang(t, `{"id":"a","text":"我们公司需要融资500万，联系人张强 13700137003","ref":"2026-11-22T10:00:00+08:00"}`, "parse", "message"); got[:len(want)] != want {
		t.Error(got)
	}
}
