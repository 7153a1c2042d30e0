package feishu

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
)

func TestSendToGroupAndPerson(t *testing.T) {
	s := newStub(t, nil)
	a, _ := s.adapter(t)
	got := mustSend(t, a, saying(toGroup, bot.Reply{Text: "已报名 <H27>", Mention: []bot.UserKey{"ou_9"}}))
	if got.Message != "om_1" || !got.At.Equal(time.UnixMilli(1795360019559)) {
		t.Errorf("receipt %+v", got)
	}
	mustSend(t, a, saying(toPerson, cardReply()))
	r := s.requests()
	if r[0].path != "/open-apis/im/v1/messages" || r[0].query.Get("receive_id_type") != "chat_id" || r[0].str("receive_id") != "oc_1" || r[0].str("msg_type") != "text" || r[0].token != "t-1" {
		t.Errorf("to the group: %+v", r[0])
	}
	if ct := r[0].header.Get("Content-Type"); ct != "application/json; charset=utf-8" {
		t.Errorf("content type %q", ct)
	}
	var text struct{ Text string }
	if err := json.Unmarshal([]byte(r[0].str("content")), &text); err != nil || !strings.Contains(text.Text, `<at user_id="ou_9">`) || !strings.Contains(text.Text, "已报名") {
		t.Errorf("content %q: %v", r[0].str("content"), err)
	}
	if r[1].query.Get("receive_id_type") != "open_id" || r[1].str("receive_id") != "ou_1" || r[1].str("msg_type") != "interactive" || !json.Valid([]byte(r[1].str("content"))) {
		t.Errorf("to the person: %+v", r[1])
	}
}

func TestUUID(t *testing.T) {
	s := newStub(t, nil)
	a, _ := s.adapter(t)
	d := saying(toGroup, bot.Say("好"))
	mustSend(t, a, d)
	d.Attempt, d.ID = 7, 99
	mustSend(t, a, d)
	d.Key += "1"
	mustSend(t, a, d)
	d.Key = ""
	mustSend(t, a, d)
	r := s.requests()
	if u := r[0].str("uuid"); len(u) == 0 || len(u) > 50 || u != r[1].str("uuid") || u == r[2].str("uuid") {
		t.Errorf("uuids %q %q %q", u, r[1].str("uuid"), r[2].str("uuid"))
	}
	if _, ok := r[3].body["uuid"]; ok {
		t.Error("a delivery without a key has a uuid")
	}
	if uuid("a", "card") == uuid("a", "text") {
		t.Error("two parts share a uuid")
	}
}

func TestReplyPlaces(t *testing.T) {
	past := time.Now().Add(-time.Second)
	for name, c := range map[string]struct {
		to     bot.Address
		ref    bot.ReplyRef
		refuse map[string]int // code by what the request asks for
		want   []string
	}{
		"a message":                  {toGroup, bot.ReplyRef{Token: "m:om_30"}, nil, []string{"reply"}},
		"a thread":                   {toGroup, bot.ReplyRef{Token: "m:om_30:omt_5"}, nil, []string{"thread"}},
		"no reference":               {toGroup, bot.ReplyRef{}, nil, []string{"plain"}},
		"expired":                    {toGroup, bot.ReplyRef{Token: "m:om_30", Expires: past}, nil, []string{"plain"}},
		"to a person alone":          {toPerson, bot.ReplyRef{Token: "m:om_30:omt_5"}, nil, []string{"plain"}},
		"a click of another process": {toGroup, bot.ReplyRef{Token: "c:gone"}, nil, []string{"plain"}},
		"recalled":                   {toGroup, bot.ReplyRef{Token: "m:om_30"}, map[string]int{"reply": 230011}, []string{"reply", "plain"}},
		"deleted, in a thread":       {toGroup, bot.ReplyRef{Token: "m:om_30:omt_5"}, map[string]int{"thread": 230110}, []string{"thread", "plain"}},
		"no threads":                 {toGroup, bot.ReplyRef{Token: "m:om_30:omt_5"}, map[string]int{"thread": 230071}, []string{"thread", "reply"}},
		"no threads, then recalled":  {toGroup, bot.ReplyRef{Token: "m:om_30:omt_5"}, map[string]int{"thread": 230072, "reply": 230011}, []string{"thread", "reply", "plain"}},
		"unknown message":            {toGroup, bot.ReplyRef{Token: "m:om_30"}, map[string]int{"reply": 99992354}, []string{"reply", "plain"}},
	} {
		t.Run(name, func(t *testing.T) {
			place := func(r seen) string {
				switch {
				case r.path == "/open-apis/im/v1/messages":
					return "plain"
				case r.body["reply_in_thread"] == true:
					return "thread"
				}
				return "reply"
			}
			s := newStub(t, func(r seen) answer {
				if n := c.refuse[place(r)]; n != 0 {
					return refusing(n, "no")
				}
				return answer{}
			})
			a, _ := s.adapter(t)
			d := saying(c.to, bot.Say("好"))
			d.Ref = c.ref
			mustSend(t, a, d)
			var places, uuids []string
			for _, r := range s.requests() {
				places = append(places, place(r))
				uuids = append(uuids, r.str("uuid"))
				if place(r) != "plain" && r.path != "/open-apis/im/v1/messages/om_30/reply" {
					t.Errorf("path %s", r.path)
				}
			}
			if !slices.Equal(places, c.want) || len(slices.Compact(uuids)) != 1 {
				t.Errorf("went to %v with uuids %v; want %v with one", places, uuids, c.want)
			}
		})
	}
}

// TestAmbiguousReplyStays: what may have been delivered is not sent to another place.
func TestAmbiguousReplyStays(t *testing.T) {
	s := newStub(t, func(seen) answer {
		return answer{status: 504, body: "<html>", header: map[string]string{"Content-Type": "text/html"}}
	})
	a, _ := s.adapter(t)
	d := saying(toGroup, cardReply())
	d.Ref.Token = "m:om_30:omt_5"
	fails(t, a, d, bot.Retry, "http504")
	if n := len(s.requests()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// TestCardRefused: each refusal that a retry cannot heal sends the same words as text, under another uuid.
func TestCardRefused(t *testing.T) {
	for _, refusal := range []answer{
		refusing(230099, "Failed to create card content, ext=ErrCode: 11310; ErrMsg: card table number over limit;"),
		refusing(230099, "ErrCode: 200621; ErrMsg: parse card json err"), refusing(230099, "no code inside"), refusing(230025, "too long"), refusing(200861, "tag"),
		refusing(230001, "ext=invalid"), refusing(7654321, "never heard of"), {status: 413, body: "<html>", header: map[string]string{"Content-Type": "text/html"}},
	} {
		s := newStub(t, func(r seen) answer {
			if r.str("msg_type") == "interactive" {
				return refusal
			}
			return answer{}
		})
		a, _ := s.adapter(t)
		got := mustSend(t, a, saying(toGroup, cardReply()))
		r := s.requests()
		if len(r) != 2 || r[1].str("msg_type") != "text" || r[0].str("uuid") == r[1].str("uuid") {
			t.Fatalf("%s: %d requests, last %v", refusal.body, len(r), r[len(r)-1].body)
		}
		for _, word := range []string{"已登记 H1 参观", "提醒：前一天", "报名 H1"} {
			if !strings.Contains(r[1].str("content"), word) {
				t.Errorf("%q is lost", word)
			}
		}
		if got.Message != "" || got.At.IsZero() {
			t.Errorf("receipt %+v: there is no card to update", got)
		}
	}
}

// TestCardInUse: what heals by itself is retried as it is.
func TestCardInUse(t *testing.T) {
	for msg, sub := range map[string]string{"ErrCode: 11310; ErrMsg: card action is lock;": "230099/11310", "ErrCode: 200810;": "230099/200810"} {
		s := newStub(t, func(seen) answer { return refusing(230099, msg) })
		a, _ := s.adapter(t)
		fails(t, a, saying(toGroup, cardReply()), bot.Retry, sub)
		if n := len(s.requests()); n != 1 {
			t.Errorf("%d requests", n)
		}
	}
}

// TestUnknownPersonInCard: the card stays a card without the mention.
func TestUnknownPersonInCard(t *testing.T) {
	s := newStub(t, func(r seen) answer {
		if strings.Contains(r.str("content"), "ou_gone") {
			return refusing(230099, "ErrCode: 100290; ErrMsg: unknown")
		}
		return answer{}
	})
	a, _ := s.adapter(t)
	reply := cardReply()
	reply.Mention = []bot.UserKey{"ou_gone"}
	got := mustSend(t, a, saying(toGroup, reply))
	r := s.requests()
	if len(r) != 2 || r[1].str("msg_type") != "interactive" || r[0].str("uuid") == r[1].str("uuid") || got.Message != "om_2" {
		t.Errorf("%d requests, receipt %+v", len(r), got)
	}
}

// TestTooLong: a text that the platform will not take goes out in pieces, in order, each under its own uuid, and a second
// attempt repeats them all.
func TestTooLong(t *testing.T) {
	s := newStub(t, func(r seen) answer {
		if len(r.str("content")) > 2500 {
			return refusing(230025, "too long")
		}
		return answer{}
	})
	a, _ := s.adapter(t)
	var lines []string
	for i := range 90 {
		lines = append(lines, fmt.Sprintf("第%03d行 联合体活动安排", i))
	}
	text := strings.Join(lines, "\n")
	d := saying(toGroup, bot.Say(text))
	mustSend(t, a, d)
	shown := func() (said []string, uuids []string) {
		for _, r := range s.requests() {
			if len(r.str("content")) <= 2500 {
				var one struct{ Text string }
				if err := json.Unmarshal([]byte(r.str("content")), &one); err != nil {
					t.Fatal(err)
				}
				said, uuids = append(said, one.Text), append(uuids, r.str("uuid"))
			}
		}
		return said, uuids
	}
	said, uuids := shown()
	if strings.Join(said, "\n") != text {
		t.Errorf("the pieces say something else:\n%s", strings.Join(said, "\n---\n"))
	}
	distinct := slices.Clone(uuids)
	slices.Sort(distinct)
	if len(slices.Compact(distinct)) != len(uuids) {
		t.Error("two pieces share a uuid")
	}
	mustSend(t, a, d)
	if _, twice := shown(); !slices.Equal(twice, append(uuids, uuids...)) {
		t.Error("the second attempt has other uuids")
	}
}

func TestThrottled(t *testing.T) {
	a, _ := newStub(t, func(seen) answer {
		return answer{status: 429, body: `{"code":99991400,"msg":"request trigger frequency limit"}`, header: map[string]string{"x-ogw-ratelimit-limit": "100", "x-ogw-ratelimit-reset": "2.5"}}
	}).adapter(t)
	if se := fails(t, a, saying(toGroup, bot.Say("好")), bot.Throttled, "99991400"); se.After != 2500*time.Millisecond {
		t.Errorf("after %v", se.After)
	}
	a, _ = newStub(t, func(seen) answer { return refusing(230020, "slow down") }).adapter(t)
	d := saying(toGroup, cardReply())
	d.Attempt = 2
	if se := fails(t, a, d, bot.Throttled, "230020"); se.After != 2*time.Second {
		t.Errorf("after %v", se.After)
	}
}

func TestNotSendable(t *testing.T) {
	s := newStub(t, nil)
	a, _ := s.adapter(t)
	fails(t, a, saying(bot.Address{Platform: Platform, Account: "hq"}, bot.Say("好")), bot.Refused, "address")
	fails(t, a, saying(toGroup, bot.Reply{}), bot.Refused, "empty")
	d := saying(toGroup, bot.Say("只有字"))
	d.Update = "om_7"
	fails(t, a, d, bot.Refused, "unfit")
	if n := len(s.requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestUpdate(t *testing.T) {
	s := newStub(t, func(r seen) answer {
		if strings.HasSuffix(r.path, "om_old") {
			return refusing(230031, "too old")
		}
		return answer{body: `{"code":0,"msg":"success","data":{}}`}
	})
	a, _ := s.adapter(t)
	d := saying(toGroup, cardReply())
	d.Update = "om_7"
	if got := mustSend(t, a, d); got.Message != "om_7" {
		t.Errorf("receipt %+v", got)
	}
	d.Update = "om_old"
	fails(t, a, d, bot.Refused, "230031")
	r := s.requests()
	if len(r) != 2 || r[0].method != http.MethodPatch || r[0].path != "/open-apis/im/v1/messages/om_7" || len(r[0].body) != 1 || !strings.Contains(r[0].str("content"), "H1") {
		t.Errorf("%d requests, first %+v", len(r), r[0])
	}
}

// TestInPlaceWithoutClick: the words are said, the card's new state is not sent as another card.
func TestInPlaceWithoutClick(t *testing.T) {
	s := newStub(t, nil)
	a, _ := s.adapter(t)
	reply := cardReply()
	reply.InPlace, reply.Text = true, "已报名 H1"
	mustSend(t, a, saying(toGroup, reply))
	if r := s.requests(); len(r) != 1 || r[0].str("msg_type") != "text" || strings.Contains(r[0].str("content"), "提醒") {
		t.Errorf("%+v", r)
	}
}

// TestLateAnswerToTap: what can no more go into the callback names the tapper in the group, and nobody in private.
func TestLateAnswerToTap(t *testing.T) {
	s := newStub(t, nil)
	a, _ := s.adapter(t)
	tapper := toGroup
	tapper.User = "ou_lin"
	for _, to := range []bot.Address{tapper, tapper.Private(), toGroup} {
		d := saying(to, bot.Say("您已报过"))
		d.Ref.Token = clickToken + "gone"
		mustSend(t, a, d)
		r := s.requests()
		content := r[len(r)-1].str("content")
		if named := strings.Contains(content, "ou_lin"); named != (to == tapper) || !strings.Contains(content, "您已报过") {
			t.Errorf("to %+v: %s", to, content)
		}
	}
}

// TestTokenRefused: one refresh and one repetition, also where the refusal is an HTTP 400.
func TestTokenRefused(t *testing.T) {
	for _, n := range []int{99991661, 99991663, 99991664, 99991668, 99991671} {
		s := newStub(t, func(r seen) answer {
			if r.token == "t-1" {
				return refusing(n, "Invalid access token for authorization. Please make a test with token attached.")
			}
			return answer{}
		})
		a, _ := s.adapter(t)
		mustSend(t, a, saying(toGroup, bot.Say("好")))
		if r := s.requests(); len(r) != 2 || r[1].token != "t-2" || r[0].str("uuid") != r[1].str("uuid") {
			t.Errorf("%d: %+v", n, r)
		}
	}
	s := newStub(t, func(seen) answer { return refusing(99991663, "no") })
	s.stuck = true
	a, _ := s.adapter(t)
	fails(t, a, saying(toGroup, bot.Say("好")), bot.Retry, "99991663")
	if r := s.requests(); len(r) != 2 {
		t.Errorf("%d requests: exactly one repetition", len(r))
	}
}
