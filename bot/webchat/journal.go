package webchat

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const (
	keepMessages = 500     // that a rotation leaves
	rotateAt     = 2 << 20 // bytes
)

// journal is one room's file: a header line, then one line for every change of a message, the last one for a Seq counts.
// Lines are written whole and not synced, so they survive the end of the process but not a power cut; the durable truth
// is the kernel's. It is not safe for concurrent use.
type journal struct {
	path string
	size int64
	next int64 // size at which it is rotated
	room string
}

type header struct {
	Room string `json:"room"`
}

const journalSuffix = ".jsonl"

func journalName(room string) string {
	sum := sha256.Sum256([]byte(room))
	return fmt.Sprintf("%x", sum[:8])
}

func newJournal(dir, room string) *journal {
	return &journal{path: filepath.Join(dir, journalName(room)+journalSuffix), room: room, next: rotateAt}
}

// openJournals reads every journal of the folder.
func openJournals(dir string) (map[*journal][]Message, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create journal folder: %w", err)
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*"+journalSuffix))
	if err != nil {
		return nil, fmt.Errorf("list journals: %w", err)
	}
	all := map[*journal][]Message{}
	for _, path := range paths {
		j := &journal{path: path}
		msgs, err := j.load()
		if err != nil {
			return nil, fmt.Errorf("read journal %s: %w", filepath.Base(path), err)
		}
		if j.room != "" {
			all[j] = msgs
		}
	}
	return all, nil
}

// load reads the messages in order and cuts a torn last line off the file.
func (j *journal) load() ([]Message, error) {
	f, err := os.Open(j.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var msgs []Message
	at := map[int64]int{}
	r := bufio.NewReaderSize(f, 1<<16)
	j.size = 0
	for {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if j.size += int64(len(line)); j.room == "" {
			var h header
			if json.Unmarshal(line, &h) == nil {
				j.room = h.Room
			}
			continue
		}
		var m Message
		if json.Unmarshal(line, &m) != nil || m.Seq == 0 {
			continue
		}
		if i, again := at[m.Seq]; again {
			msgs[i] = m
		} else {
			at[m.Seq] = len(msgs)
			msgs = append(msgs, m)
		}
	}
	j.next = max(rotateAt, 2*j.size)
	if j.size > rotateAt {
		j.next = j.size
	}
	return msgs, os.Truncate(j.path, j.size)
}

// append adds one line, whole or not at all.
func (j *journal) append(m Message) error {
	var b bytes.Buffer
	if j.size == 0 {
		writeLine(&b, header{j.room})
	}
	writeLine(&b, m)
	f, err := os.OpenFile(j.path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open journal: %w", err)
	}
	_, err = f.WriteAt(b.Bytes(), j.size)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Truncate(j.path, j.size)
		return fmt.Errorf("write journal: %w", err)
	}
	j.size += int64(b.Len())
	return nil
}

func (j *journal) full() bool { return j.size > j.next }

// rewrite replaces the file by one with these messages only.
func (j *journal) rewrite(msgs []Message) error {
	var b bytes.Buffer
	writeLine(&b, header{j.room})
	for _, m := range msgs {
		writeLine(&b, m)
	}
	if err := replaceFile(j.path, b.Bytes()); err != nil {
		return fmt.Errorf("rotate journal: %w", err)
	}
	j.size = int64(b.Len())
	j.next = max(rotateAt, 2*j.size)
	return nil
}

func writeLine(b *bytes.Buffer, v any) {
	line, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("webchat: journal line: %v", err)) // plain data always marshals
	}
	b.Write(line)
	b.WriteByte('\n')
}

// replaceFile writes data under path, so that a reader finds the old file or the whole new one.
func replaceFile(path string, data []byte) error {
	temp := path + ".new"
	if err := os.WriteFile(temp, data, 0o600); err != nil {
		return err
	}
	return os.Rename(temp, path)
}

// filePath is where the attachment of a room's message is kept.
func (j *journal) filePath(seq int64) string {
	return fmt.Sprintf("%s-%d.file", strings.TrimSuffix(j.path, journalSuffix), seq)
}
