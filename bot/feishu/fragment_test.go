package feishu

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"lianbang/bot/feishu/wire"
)

// part is fragment seq of the message id.
func part(id string, sum, seq int, payload []byte) wire.Frame {
	return wire.Frame{Method: wire.Data, Payload: payload, Headers: []wire.Header{{Key: wire.HeaderType, Value: wire.TypeEvent},
		{Key: wire.HeaderMessageID, Value: id}, {Key: wire.HeaderSum, Value: strconv.Itoa(sum)}, {Key: wire.HeaderSeq, Value: strconv.Itoa(seq)}}}
}

type tally map[string]int

func (c tally) add(what string) { c[what]++ }

func testFragments() (*fragments, *time.Time, tally) {
	now, counts := time.Unix(1795360000, 0), tally{}
	return newFragments(func() time.Time { return now }, counts.add), &now, counts
}

// Any order, with duplicates and another message in between, gives the message when its last fragment has come; and
// once more when all of it came twice, which the event's id tells the kernel.
func TestFragmentsAnyOrder(t *testing.T) {
	for round := range 200 {
		f, _, _ := testFragments()
		sum := 2 + round%7
		var order []int
		for seq := range sum {
			order = append(order, seq, seq)
		}
		rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		seen, got, times := map[int]bool{}, "", 0
		for _, seq := range order {
			last := !seen[seq] && len(seen) == sum-1
			seen[seq] = true
			if _, _, err := f.add(part("other", 3, seq%2, nil)); err != nil {
				t.Fatal(err)
			}
			payload, whole, err := f.add(part("m", sum, seq, fmt.Appendf(nil, "<%d>", seq)))
			if err != nil || whole != last && times == 0 {
				t.Fatalf("order %v at %d: whole %v, %v", order, seq, whole, err)
			}
			if whole {
				got, times = string(payload), times+1
			}
		}
		want := ""
		for seq := range sum {
			want += fmt.Sprintf("<%d>", seq)
		}
		if got != want || times < 1 || times > 2 {
			t.Fatalf("order %v: %q, %d times", order, got, times)
		}
	}
}

func TestFragmentsEmptyCountsAsPresent(t *testing.T) {
	f, _, _ := testFragments()
	if _, whole, err := f.add(part("m", 3, 0, nil)); whole || err != nil {
		t.Fatal(whole, err)
	}
	if _, whole, err := f.add(part("m", 3, 1, []byte{})); whole || err != nil {
		t.Fatal(whole, err)
	}
	if payload, whole, err := f.add(part("m", 3, 2, []byte("x"))); !whole || err != nil || string(payload) != "x" {
		t.Fatal(payload, whole, err)
	}
}

func TestFragmentsWholeFrame(t *testing.T) {
	f, _, _ := testFragments()
	frames := map[string]wire.Frame{"sum 1": part("m", 1, 0, []byte("x")), "no headers": {Payload: []byte("x")}, "no id": part("", 1, 0, []byte("x"))}
	for name, frame := range frames {
		if payload, whole, err := f.add(frame); !whole || err != nil || string(payload) != "x" {
			t.Errorf("%s: %q, %v, %v", name, payload, whole, err)
		}
	}
}

func TestFragmentsRefuse(t *testing.T) {
	with := func(key, value string) wire.Frame {
		f := part("m", 3, 0, []byte("x"))
		for i := range f.Headers {
			if f.Headers[i].Key == key {
				f.Headers[i].Value = value
			}
		}
		return f
	}
	cases := map[string]wire.Frame{
		"seq = sum":      with(wire.HeaderSeq, "3"),
		"seq > sum":      with(wire.HeaderSeq, "99"),
		"negative seq":   with(wire.HeaderSeq, "-1"),
		"seq no number":  with(wire.HeaderSeq, "x"),
		"sum 0":          with(wire.HeaderSum, "0"),
		"negative sum":   with(wire.HeaderSum, "-3"),
		"100 million":    with(wire.HeaderSum, "104857600"),
		"sum beyond int": with(wire.HeaderSum, "99999999999999999999"),
		"sum > cap":      with(wire.HeaderSum, strconv.Itoa(maxParts+1)),
		"no id":          with(wire.HeaderMessageID, ""),
		"endless id":     with(wire.HeaderMessageID, string(make([]byte, maxFragmentID+1))),
		"too many bytes": part("m", 2, 0, make([]byte, maxMessage+1)),
		"one, but not 0": part("m", 1, 1, nil),
		"sum -1":         part("m", -1, 0, nil),
	}
	for name, frame := range cases {
		f, _, _ := testFragments()
		if payload, whole, err := f.add(frame); !errors.Is(err, errFragment) || whole || payload != nil {
			t.Errorf("%s: %v, %v", name, whole, err)
		}
		if f.bytes != 0 || len(f.open) != 0 {
			t.Errorf("%s: %d bytes in %d messages are kept", name, f.bytes, len(f.open))
		}
	}
}

func TestFragmentsDisagreeingSum(t *testing.T) {
	f, _, _ := testFragments()
	if _, _, err := f.add(part("m", 3, 0, []byte("x"))); err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.add(part("m", 4, 3, []byte("x"))); !errors.Is(err, errFragment) || len(f.open) != 0 || f.bytes != 0 {
		t.Error(err, len(f.open), f.bytes)
	}
}

func TestFragmentsBounds(t *testing.T) {
	f, now, counts := testFragments()
	for i := range maxOpen {
		if _, _, err := f.add(part(fmt.Sprint("m", i), 2, 0, []byte("x"))); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := f.add(part("one more", 2, 0, nil)); !errors.Is(err, errFragment) {
		t.Errorf("open messages: %v", err)
	}
	*now = now.Add(fragmentTime + time.Second)
	if _, _, err := f.add(part("one more", 2, 0, nil)); err != nil || counts["stale_fragment"] != maxOpen || len(f.open) != 1 {
		t.Errorf("after their time: %v, %v, %d open", err, counts, len(f.open))
	}

	f, _, _ = testFragments()
	big := bytes.Repeat([]byte("x"), maxMessage/2)
	failed := false
	for i := range 2 * maxOpenBytes / len(big) {
		_, _, err := f.add(part(fmt.Sprint("m", i), 3, 0, big))
		failed = failed || errors.Is(err, errFragment)
		if f.bytes > maxOpenBytes {
			t.Fatalf("%d bytes are kept", f.bytes)
		}
	}
	if !failed {
		t.Error("no bound on the bytes of all")
	}
}

// A message that has come to its time limit is given up whole: the rest alone makes no message.
func TestFragmentsStale(t *testing.T) {
	f, now, counts := testFragments()
	if _, _, err := f.add(part("m", 2, 0, []byte("a"))); err != nil {
		t.Fatal(err)
	}
	*now = now.Add(fragmentTime + time.Second)
	if _, whole, err := f.add(part("m", 2, 1, []byte("b"))); whole || err != nil || counts["stale_fragment"] != 1 {
		t.Error(whole, err, counts)
	}
}
