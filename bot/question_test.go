package bot

import (
	"slices"
	"testing"
)

// TestGoesOnWaiting: a question with words for it outlives other commands, asides and other questions, and is mentioned.
func TestGoesOnWaiting(t *testing.T) {
	d, b := desk(t)
	tell := func(text, want string) {
		t.Helper()
		if err := d.Handle(t.Context(), said(text, true)); err != nil {
			t.Fatal(err)
		}
		if got := b.heard(); got != "王工: "+want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	tell("等", "等什么")
	tell("瞧", "瞧 \n还等着")
	tell("肯定不是答案", "记了肯定不是答案\n还等着")
	tell("拒", "这不行")
	tell("问", "1 甲 2 乙")
	tell("1", "记了甲\n还等着")
	tell("问", "1 甲 2 乙")
	tell("算了", "不办了\n还等着")
	tell("问", "1 甲 2 乙")
	tell("瞧", "瞧 \n还等着")
	tell("五", "答了")
	if b.question != nil {
		t.Errorf("answered, and still asked: %+v", b.question)
	}
	tell("等", "等什么")
	tell("等", "等什么")
	tell("六", "答了\n还等着")
	tell("算了", "不办了")
	if want := []string{"肯定不是答案", "甲", "等=五", "等=六"}; !slices.Equal(b.notes, want) {
		t.Errorf("notes %q, want %q", b.notes, want)
	}
}
