package main

import (
	"encoding/json"
	"io"
	"net/http"
	"sync/atomic"

	"lianbang/bench/internal/ceiling"
	"lianbang/bench/internal/zone"
	"lianbang/bot/feishu/wire"
)

// barePath is where the bare handler is mounted.
const barePath = "/bare"

// maxBody is the most that the bare handler reads, as the webhook does.
const maxBody = 1 << 20

// bare is the least that a webhook can do: it checks the signature, decrypts, reads the envelope but not the event in it, and
// acknowledges when the three rows of the ceiling are durable.
type bare struct {
	key    *wire.Key
	rows   *ceiling.Ceiling
	actors atomic.Int64
}

func newBare(rows *ceiling.Ceiling) *bare { return &bare{key: wire.NewKey(encryptKey), rows: rows} }

// ServeHTTP implements http.Handler.
func (b *bare) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "malformed", http.StatusBadRequest)
		return
	}
	signature := b.key.Sign(r.Header.Get(wire.TimestampHeader), r.Header.Get(wire.NonceHeader), body)
	if !wire.Same(signature, r.Header.Get(wire.SignatureHeader)) {
		http.Error(w, "forged", http.StatusUnauthorized)
		return
	}
	id, err := b.open(body)
	if err != nil {
		http.Error(w, "malformed", http.StatusBadRequest)
		return
	}
	if err := b.rows.Say(id, int(b.actors.Add(1)%zone.Speakers)); err != nil {
		http.Error(w, "not stored", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = io.WriteString(w, "{}") // whoever has gone will deliver it again
}

// open decrypts the body and reads the event's id.
func (b *bare) open(body []byte) (id string, err error) {
	var outer struct {
		Encrypt string `json:"encrypt"`
	}
	if err := json.Unmarshal(body, &outer); err != nil {
		return "", err
	}
	plain, err := b.key.Decrypt(outer.Encrypt)
	if err != nil {
		return "", err
	}
	var envelope struct {
		Header struct {
			ID   string `json:"event_id"`
			Type string `json:"event_type"`
		} `json:"header"`
		Event json.RawMessage `json:"event"`
	}
	err = json.Unmarshal(plain, &envelope)
	return envelope.Header.ID, err
}
