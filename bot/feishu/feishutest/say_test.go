package feishutest

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestHappenings(t *testing.T) {
	r := open(t, Options{})
	a := r.connect(accept)
	mei := r.AddPerson("梅")
	said := r.wang.Tell(t.Context(), "在吗")
	for what, out := range map[string]Outcome{
		"im.message.recalled_v1":                       r.wang.Recall(t.Context(), said.Message),
		"im.chat.access_event.bot_p2p_chat_entered_v1": r.wang.Enter(t.Context()),
		"application.bot.menu_v6":                      r.wang.Menu(t.Context(), "help"),
		"im.chat.member.user.added_v1":                 r.group.Join(t.Context(), r.lin, mei),
		"im.chat.member.user.deleted_v1":               r.group.Leave(t.Context(), mei),
		"im.chat.updated_v1":                           r.group.Rename(t.Context(), r.lin, "新群名"),
		"im.chat.member.bot.added_v1":                  r.group.AddBot(t.Context(), r.lin),
	} {
		if !out.Acked {
			t.Errorf("%s: %+v", what, out)
		}
		found := false
		for _, e := range r.Events() {
			found = found || e.ID == out.Event && e.Type == what
		}
		if !found {
			t.Errorf("no event %s", what)
		}
	}
	if again, err := r.PushAgain(t.Context(), said.Event); err != nil || !again.Acked {
		t.Errorf("pushed again: %+v %v", again, err)
	}
	if n, _ := a.count(); n != 9 {
		t.Errorf("%d events", n)
	}
	same := r.wang.Write(t.Context(), nil, Draft{ID: said.Message, Text: "在吗"})
	if same.Message != said.Message || same.Event == said.Event {
		t.Errorf("the same message once more: %+v after %+v", same, said)
	}
	if r.group.Title() != "新群名" || r.Group("新群名") == nil {
		t.Error("the group has its old name")
	}
	r.Revoke("im:chat.members:bot_access")
	if out := r.group.AddBot(t.Context(), r.lin); !errors.Is(out.Err, ErrNoScope) {
		t.Errorf("without the scope the bot hears that it was added: %+v", out)
	}
	r.group.Leave(t.Context(), r.wang)
	if out := r.wang.Say(t.Context(), r.group, "@联帮 在吗"); !errors.Is(out.Err, ErrNotInChat) {
		t.Errorf("somebody who left speaks: %+v", out)
	}
}

// TestSeeds: another tenant with the same people and groups has other messages.
func TestSeeds(t *testing.T) {
	one, other := open(t, Options{Seed: 1}), open(t, Options{Seed: 2})
	if one.wang.OpenID != other.wang.OpenID || one.group.ID != other.group.ID || one.BotOpenID() != other.BotOpenID() {
		t.Error("people, groups or the bot differ")
	}
	if a, b := one.wang.Tell(t.Context(), "在吗"), other.wang.Tell(t.Context(), "在吗"); a.Message == b.Message || a.Event == b.Event {
		t.Errorf("the same message: %+v, %+v", a, b)
	}
}

func TestKindsOfMessage(t *testing.T) {
	r := open(t, Options{})
	a := r.connect(accept)
	first := r.wang.Say(t.Context(), r.group, "@联帮 在吗")
	for want, d := range map[string]Draft{
		`"message_type":"post"`:  {Title: "通知", Lines: []string{"@联帮 报名 H1", "@所有人"}, ReplyTo: first.Message, InThread: true},
		`"message_type":"image"`: {Image: []byte("PNG"), ReplyTo: first.Message},
		`"message_type":"file"`:  {File: []byte("PK"), FileName: "台账.xlsx"},
	} {
		r.Grant(ScopeAllMessages)
		out := r.wang.Write(t.Context(), r.group, d)
		if !out.Acked {
			t.Fatalf("%s: %+v", want, out)
		}
		n, _ := a.count()
		event := string(a.events[n-1])
		if !strings.Contains(event, want) || (d.ReplyTo != "") != strings.Contains(event, `"parent_id":"`+first.Message) || d.InThread && !strings.Contains(event, `"thread_id":"omt_`) {
			t.Errorf("%s: %s", want, event)
		}
		if d.Lines != nil && !strings.Contains(event, `{\"style\":[],\"tag\":\"at\",\"user_id\":\"@_user_1\",\"user_name\":\"联帮\"}`) {
			t.Errorf("post: %s", event)
		}
		if m, _ := r.Message(out.Message); d.File != nil {
			var in struct {
				Key string `json:"file_key"`
			}
			if err := json.Unmarshal([]byte(m.Content), &in); err != nil {
				t.Fatal(err)
			}
			if g := r.call("GET", "/open-apis/im/v1/messages/"+m.ID+"/resources/"+in.Key+"?type=file", nil); string(g.Raw) != "PK" {
				t.Errorf("the file: %s", g.Raw)
			}
		}
	}
}
