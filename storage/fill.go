package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/mattn/go-sqlite3"
)

// Fill is storagetest.Fill: it needs the chain and the sealing, which are not for others. Rows get ids from 1 on, so the
// database must hold no needs, activities and audit rows but those of its opening.
func (db *DB) Fill(needs, activities, audits int) error {
	var first auditHead
	err := db.Do(background, func(tx *Tx) error {
		r, ok, err := tx.one(auditChain, int64(0))
		if ok {
			first.chain, first.seq, first.hash = r.int(), r.int(), r.bytes()
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("read the audit chain: %w", err)
	}
	base := db.now().Add(-5 * 365 * 24 * time.Hour).UnixMicro()
	span := int64(5 * 365 * 24 * time.Hour / time.Microsecond)
	body := db.seals.seal("need.body", []byte("招10名机械工程师，月薪面议"))
	outcome := db.seals.seal("need.outcome", []byte("已签约12人"))
	categories := []string{"用工", "融资", "政策", "销售", "技术"}
	err = db.bulk("need", "id consortium reporter unit category body state assignee outcome rating reopened received assigned_at answered_at closed_at version",
		needs, func(i int) []any {
			id := int64(i + 1)
			at := base + span/int64(needs)*int64(i)
			state, closed := "closed", at+int64(72*time.Hour/time.Microsecond)
			if i%1000 == 0 {
				state, closed = "assigned", 0
			}
			return []any{id, id%30 + 1, id%5000 + 1, "英芯光电", categories[i%5], body, state, id%200 + 1, outcome, int64(5), int64(0), at, at, at, closed, int64(3)}
		})
	if err != nil {
		return fmt.Errorf("fill in needs: %w", err)
	}
	err = db.bulk("activity", "id consortium title category start_at end_at place capacity signup_ends host organiser state seats waiting queue created version",
		activities, func(i int) []any {
			id := int64(i + 1)
			at := base + span/int64(activities)*int64(i)
			return []any{id, id%30 + 1, "联合主题党日", "", at, int64(0), "省光子技术重点实验室", int64(36), int64(0), "光电信息", id%200 + 1, "open", int64(30), int64(0), int64(0), at, int64(31)}
		})
	if err != nil {
		return fmt.Errorf("fill in activities: %w", err)
	}
	head := auditHead{seq: first.seq, hash: first.hash}
	before, after := db.seals.seal("audit", make([]byte, 150)), db.seals.seal("audit", make([]byte, 160))
	err = db.bulk("audit", "chain seq at actor event subject id action before after prev hash", audits, func(i int) []any {
		a := auditRow{seq: head.seq + 1, at: base + span/int64(audits)*int64(i), actor: "p1", event: "web/local/old", subject: "registration",
			id: int64(i), action: "save", before: before, after: after, prev: head.hash}
		a.hash = a.digest()
		head.seq, head.hash = a.seq, a.hash
		return []any{int64(0), a.seq, a.at, a.actor, a.event, a.subject, a.id, a.action, a.before, a.after, a.prev, a.hash}
	})
	if err != nil {
		return fmt.Errorf("fill in audit rows: %w", err)
	}
	return db.Do(background, func(tx *Tx) error {
		return errors.Join(tx.run(codePut, int64(needs), "need"), tx.run(codePut, int64(activities), "activity"),
			tx.run(auditMove, head.seq, head.hash, int64(0)))
	})
}

// bulk loads n rows: with COPY on PostgreSQL, with multi-row inserts on SQLite.
func (db *DB) bulk(table, columns string, n int, values func(i int) []any) error {
	names := strings.Fields(columns)
	if db.dialect == postgres {
		i := -1
		_, err := db.pool.CopyFrom(background, pgx.Identifier{table}, names, pgx.CopyFromFunc(func() ([]any, error) {
			if i++; i == n {
				return nil, nil
			}
			return values(i), nil
		}))
		return err
	}
	const batch, perCommit = 50, 20_000
	marks := "(?" + strings.Repeat(",?", len(names)-1) + ")"
	text := func(rows int) string {
		return "INSERT INTO " + table + "(" + strings.Join(names, ",") + ") VALUES" + marks + strings.Repeat(","+marks, rows-1)
	}
	for i := 0; i < n; {
		err := db.onWriter(func(c *liteConn) error {
			whole, err := c.c.Prepare(text(batch))
			if err != nil {
				return err
			}
			defer whole.Close()
			for end := min(n, i+perCommit); i < end; {
				var args []any
				rows := min(batch, end-i)
				for range rows {
					args = append(args, values(i)...)
					i++
				}
				statement := whole
				if rows < batch {
					if statement, err = c.c.Prepare(text(rows)); err != nil {
						return err
					}
					defer statement.Close()
				}
				if err := step(statement.(*sqlite3.SQLiteStmt), c.bind(args)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// onWriter runs fn inside a unit, on the connection below it.
func (db *DB) onWriter(fn func(*liteConn) error) error {
	return db.Do(context.Background(), func(tx *Tx) error { return fn(tx.c.(*liteConn)) })
}
