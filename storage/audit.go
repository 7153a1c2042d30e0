package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
)

// auditRow is one change of state. before and after are sealed JSON, empty when there was nothing.
type auditRow struct {
	chain, seq, at int64
	actor, event   string
	subject        string
	id             int64
	action         string
	was, is        any // what before and after are made of, until they are sealed
	before, after  []byte
	prev, hash     []byte
}

// digest is the hash of a canonical encoding: numbers as eight bytes, texts after their length.
func (a *auditRow) digest() []byte {
	var room [2048]byte // on the stack: most rows fit
	b := room[:0]
	b = appendNumber(b, a.chain)
	b = appendNumber(b, a.seq)
	b = appendNumber(b, a.at)
	b = appendText(b, a.actor)
	b = appendText(b, a.event)
	b = appendText(b, a.subject)
	b = appendNumber(b, a.id)
	b = appendText(b, a.action)
	b = appendText(b, a.before)
	b = appendText(b, a.after)
	b = appendText(b, a.prev)
	sum := sha256.Sum256(b)
	return sum[:]
}

func appendNumber(b []byte, n int64) []byte { return binary.BigEndian.AppendUint64(b, uint64(n)) }

func appendText[T string | []byte](b []byte, s T) []byte {
	return append(appendNumber(b, int64(len(s))), s...)
}

// note takes down a change. before and after are values and not pointers, or nil: they are encoded and sealed when the unit has
// succeeded, while others run.
func (tx *Tx) note(subject string, id int64, action string, before, after any) error {
	for _, v := range [...]any{before, after} {
		if v != nil && reflect.TypeOf(v).Kind() == reflect.Pointer {
			return fmt.Errorf("note a change of %s: %T may change until it is encoded", subject, v)
		}
	}
	tx.later.audits = append(tx.later.audits, auditRow{at: tx.at, actor: tx.actor, event: tx.event, subject: subject, id: id,
		action: action, was: before, is: after})
	return nil
}

var (
	auditFreeChain = sqlText(`SELECT chain, seq, hash FROM audit_chain ORDER BY chain LIMIT 1{skip}`)
	auditChain     = sqlText(`SELECT chain, seq, hash FROM audit_chain WHERE chain = $1{lock}`)
	auditMove      = sqlText(`UPDATE audit_chain SET seq = $1, hash = $2 WHERE chain = $3`)
	auditChains    = sqlText(`SELECT chain, seq, hash FROM audit_chain ORDER BY chain`)
	auditPage      = sqlText(`SELECT chain, seq, at, actor, event, subject, id, action, before, after, prev, hash FROM audit
WHERE chain = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT 2000`)
)

const auditChainCount = 16 // on PostgreSQL

// auditHead is the end of a chain, held while a transaction adds to it.
type auditHead struct {
	chain, seq  int64
	hash        []byte
	held, moved bool
}

// append puts sealed rows at the end of the chain. The head itself is moved by save, once a transaction.
func (h *auditHead) append(c conn, rows []auditRow) error {
	if len(rows) == 0 {
		return nil
	}
	if err := h.hold(c); err != nil {
		return err
	}
	for i := range rows {
		a := &rows[i]
		a.chain, a.seq, a.prev = h.chain, h.seq+1, h.hash
		a.hash = a.digest()
		h.seq, h.hash, h.moved = a.seq, a.hash, true
	}
	return nil
}

// hold takes the end of a chain for the rest of the transaction.
func (h *auditHead) hold(c conn) error {
	take := func(r *row) error {
		h.chain, h.seq, h.hash, h.held = r.int(), r.int(), r.bytes(), true
		return nil
	}
	if h.held {
		return nil
	}
	err := c.each(auditFreeChain, nil, take)
	if err == nil && !h.held { // all are taken: wait for any
		err = c.each(auditChain, []any{rand.Int64N(auditChainCount)}, take)
	}
	if err != nil {
		return fmt.Errorf("hold an audit chain: %w", err)
	}
	if !h.held {
		return fmt.Errorf("hold an audit chain: there is none")
	}
	return nil
}

func (h *auditHead) save(c conn) error {
	if !h.moved {
		return nil
	}
	h.moved = false
	if err := c.run(auditMove, []any{h.seq, h.hash, h.chain}); err != nil {
		return fmt.Errorf("move an audit chain's head: %w", err)
	}
	return nil
}

// AuditReport is what VerifyAudit found.
type AuditReport struct {
	Rows   int64 // that were checked
	Chains int
	Broken *BrokenAudit // the first row that does not fit; nil when all do
}

// BrokenAudit is a place where a chain is broken.
type BrokenAudit struct {
	Chain, Seq int64
	Reason     string
}

// VerifyAudit walks all chains up to their present ends and names the first row that was changed, removed or put in.
// progress (which may be nil) is called now and then with the rows checked and the total. It needs no key.
func (db *DB) VerifyAudit(ctx context.Context, progress func(done, total int64)) (AuditReport, error) {
	var heads []auditHead
	var total int64
	err := db.View(ctx, func(tx *Tx) error {
		heads, total = nil, 0
		return tx.each(auditChains, func(r *row) error {
			h := auditHead{chain: r.int(), seq: r.int(), hash: r.bytes()}
			heads, total = append(heads, h), total+h.seq
			return nil
		})
	})
	if err != nil {
		return AuditReport{}, fmt.Errorf("read the audit chains: %w", err)
	}
	report := AuditReport{Chains: len(heads)}
	for _, h := range heads {
		at := auditHead{chain: h.chain, hash: []byte{}}
		for at.seq < h.seq && report.Broken == nil {
			before := at.seq
			err := db.View(ctx, func(tx *Tx) error { return at.verify(tx, h.seq, &report) })
			if err != nil {
				return report, fmt.Errorf("read audit rows: %w", err)
			}
			if at.seq == before && report.Broken == nil {
				report.Broken = &BrokenAudit{h.chain, at.seq + 1, "rows at the end are missing"}
			}
			if progress != nil {
				progress(report.Rows, total)
			}
			if err := ctx.Err(); err != nil {
				return report, err
			}
		}
		if report.Broken == nil && !bytes.Equal(at.hash, h.hash) {
			report.Broken = &BrokenAudit{h.chain, h.seq, "the end of the chain does not match its last row"}
		}
		if report.Broken != nil {
			break
		}
	}
	return report, nil
}

// verify checks a page of rows after h and moves h over it.
func (h *auditHead) verify(tx *Tx, last int64, report *AuditReport) error {
	return tx.each(auditPage, func(r *row) error {
		if report.Broken != nil {
			return nil
		}
		a := auditRow{chain: r.int(), seq: r.int(), at: r.int(), actor: r.text(), event: r.text(), subject: r.text(), id: r.int(),
			action: r.text(), before: r.bytes(), after: r.bytes(), prev: r.bytes(), hash: r.bytes()}
		report.Rows++
		switch {
		case a.seq != h.seq+1:
			report.Broken = &BrokenAudit{h.chain, h.seq + 1, "the row is missing"}
		case !bytes.Equal(a.prev, h.hash):
			report.Broken = &BrokenAudit{h.chain, a.seq, "the row does not follow the one before"}
		case !bytes.Equal(a.hash, a.digest()):
			report.Broken = &BrokenAudit{h.chain, a.seq, "the row was changed"}
		}
		h.seq, h.hash = a.seq, slices.Clone(a.hash)
		return nil
	}, h.chain, h.seq, last)
}
