package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"lianbang/bench/internal/zone"
	"lianbang/bot/feishu/wire"
)

// delivery is im.message.receive_v1 in the envelope of schema 2.0, with the members that the platform fills in (im-v1
// message/events/receive).
type delivery struct {
	Schema string `json:"schema"`
	Header header `json:"header"`
	Event  struct {
		Sender  sender  `json:"sender"`
		Message message `json:"message"`
	} `json:"event"`
}

type header struct {
	EventID    string `json:"event_id"`
	EventType  string `json:"event_type"`
	CreateTime string `json:"create_time"`
	Token      string `json:"token"`
	AppID      string `json:"app_id"`
	TenantKey  string `json:"tenant_key"`
}

type sender struct {
	ID        ids    `json:"sender_id"`
	Type      string `json:"sender_type"`
	TenantKey string `json:"tenant_key"`
}

type ids struct {
	UnionID string `json:"union_id"`
	UserID  string `json:"user_id"`
	OpenID  string `json:"open_id"`
}

type message struct {
	ID         string    `json:"message_id"`
	CreateTime string    `json:"create_time"`
	UpdateTime string    `json:"update_time"`
	ChatID     string    `json:"chat_id"`
	ChatType   string    `json:"chat_type"`
	Type       string    `json:"message_type"`
	Content    string    `json:"content"`
	Mentions   []mention `json:"mentions,omitempty"`
}

type mention struct {
	Key       string `json:"key"`
	ID        ids    `json:"id"`
	Name      string `json:"name"`
	TenantKey string `json:"tenant_key"`
}

const tenantKey = "736588c9260f175d"

// newDelivery is the nth event: p says something, and mentions the bot where it is addressed in a group.
func newDelivery(n int64, p *zone.Speaker, bot string) (d delivery, err error) {
	s := p.Next()
	now := strconv.FormatInt(time.Now().UnixMilli(), 10)
	d = delivery{Schema: "2.0", Header: header{
		EventID: strings.TrimPrefix(messageID(n), "om_"), EventType: "im.message.receive_v1", CreateTime: now,
		Token: "v-token-of-the-benchmark", AppID: "cli_0123456789abcdef", TenantKey: tenantKey,
	}}
	d.Event.Sender = sender{ID: idsOf(string(p.Key)), Type: "user", TenantKey: tenantKey}
	m := message{ID: messageID(n), CreateTime: now, UpdateTime: now, ChatID: string(p.Room), ChatType: "group", Type: "text"}
	switch {
	case s.Private:
		m.ChatID, m.ChatType = string(p.Private), "p2p"
	case !s.Chatter:
		s.Text = "@_user_1 " + s.Text
		m.Mentions = []mention{{Key: "@_user_1", ID: idsOf(bot), Name: "联帮", TenantKey: tenantKey}}
	}
	content, err := json.Marshal(map[string]string{"text": s.Text})
	m.Content = string(content)
	d.Event.Message = m
	return d, err
}

// messageID is an id as long as those of the platform.
func messageID(n int64) string { return fmt.Sprintf("%s%016x", zone.EventID(n), n) }

func idsOf(openID string) ids {
	rest := strings.TrimPrefix(openID, "ou_")
	return ids{OpenID: openID, UnionID: "on_" + rest, UserID: rest[:8]}
}

// request is a whole HTTP request that posts the event, encrypted and signed, as it goes over the connection.
func request(url string, key *wire.Key, d delivery) ([]byte, error) {
	plain, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(map[string]string{"encrypt": key.Encrypt(plain)})
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	stamp, nonce := strconv.FormatInt(time.Now().Unix(), 10), d.Header.EventID[:10]
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set(wire.TimestampHeader, stamp)
	r.Header.Set(wire.NonceHeader, nonce)
	r.Header.Set(wire.SignatureHeader, key.Sign(stamp, nonce, body))
	var whole bytes.Buffer
	err = r.Write(&whole)
	return whole.Bytes(), err
}
