package wire

import (
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// Bytes as the vendor's SDKs write them, computed with protobufjs and the SDK's schema.
const (
	goldenPing   = "0800100018f681801020002a0c0a0474797065120470696e67"
	goldenGoPing = "0800100018f681801020002a0c0a0474797065120470696e6732003a004a00"
	goldenPong   = "0800100018f681801020002a0c0a04747970651204706f6e6742547b225265636f6e6e656374436f756e74223a2d312c225265636f6e6e656374496e74657276616c223a3132302c225265636f6e6e6563744e6f6e6365223a33302c2250696e67496e74657276616c223a3132307d"
	goldenEvent  = "0807100918f681801020012a0d0a047479706512056576656e742a120a0a6d6573736167655f69641204666d2d312a080a0373756d1201312a080a037365711201302a100a0874726163655f6964120465762d3142107b22736368656d61223a22322e30227d"
	goldenAck    = "0807100918f681801020012a0d0a047479706512056576656e742a120a0a6d6573736167655f69641204666d2d312a080a0373756d1201312a080a037365711201302a100a0874726163655f6964120465762d312a0c0a0662697a5f727412023132420c7b22636f6465223a3230307d"
	goldenMinus  = "080710ac0218ffffffffffffffffff0120012a0d0a047479706512056576656e742a080a0373756d12013142077b2261223a317d"
)

const service = 33554678

var (
	ping  = Frame{Service: service, Headers: []Header{{HeaderType, TypePing}}}
	event = Frame{SeqID: 7, LogID: 9, Service: service, Method: Data, Payload: []byte(`{"schema":"2.0"}`), Headers: []Header{
		{HeaderType, TypeEvent}, {HeaderMessageID, "fm-1"}, {HeaderSum, "1"}, {HeaderSeq, "0"}, {HeaderTraceID, "ev-1"}}}
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestGoldenFrames(t *testing.T) {
	cases := map[string]struct {
		frame  Frame
		golden string
	}{
		"ping": {ping, goldenPing},
		"pong": {Frame{Service: service, Headers: []Header{{HeaderType, TypePong}},
			Payload: []byte(`{"ReconnectCount":-1,"ReconnectInterval":120,"ReconnectNonce":30,"PingInterval":120}`)}, goldenPong},
		"event": {event, goldenEvent},
		"ack":   {event.Answer("12", []byte(`{"code":200}`)), goldenAck},
		"negative service": {Frame{SeqID: 7, LogID: 300, Service: -1, Method: Data, Payload: []byte(`{"a":1}`),
			Headers: []Header{{HeaderType, TypeEvent}, {HeaderSum, "1"}}}, goldenMinus},
	}
	for name, c := range cases {
		if got := hex.EncodeToString(c.frame.Marshal()); got != c.golden {
			t.Errorf("%s: marshalled\n%s, want\n%s", name, got, c.golden)
		}
		if got, err := Unmarshal(unhex(t, c.golden)); err != nil || !reflect.DeepEqual(got, c.frame) {
			t.Errorf("%s: unmarshalled %+v, %v", name, got, err)
		}
	}
}

func TestUnmarshalTakesBothStyles(t *testing.T) {
	got, err := Unmarshal(unhex(t, goldenGoPing))
	if err != nil || got.Header(HeaderType) != TypePing || got.Service != service || got.Method != Control {
		t.Errorf("the Go SDK's ping: %+v, %v", got, err)
	}
}

func TestUnmarshalSkipsUnknownFields(t *testing.T) {
	extra := "5005" + "5a0161" + "61" + strings.Repeat("00", 8) + "6d00000000" + "a20602ffff" // 10, 11, 12 (64 bit), 13 (32 bit), 100
	inHeader := "2a0c" + "1a0178" + "0a0474797065" + "1201"
	got, err := Unmarshal(unhex(t, extra+goldenEvent))
	if err != nil || !reflect.DeepEqual(got, event) {
		t.Errorf("before the known ones: %+v, %v", got, err)
	}
	if got, err = Unmarshal(unhex(t, goldenEvent+extra)); err != nil || !reflect.DeepEqual(got, event) {
		t.Errorf("after the known ones: %+v, %v", got, err)
	}
	if got, err = Unmarshal(unhex(t, goldenPing+inHeader+"79")); err != nil || len(got.Headers) != 2 || got.Headers[1] != (Header{"type", "y"}) {
		t.Errorf("inside a header: %+v, %v", got, err)
	}
}

func TestUnmarshalRefuses(t *testing.T) {
	cases := map[string]string{
		"nothing":              "",
		"required field gone":  "08001000" + "1800",
		"field 0":              goldenPing + "0000",
		"a group":              goldenPing + "53",
		"an endless varint":    "08" + strings.Repeat("ff", 11) + "01",
		"a length beyond end":  goldenPing + "427f00",
		"an absurd length":     goldenPing + "42ffffffffffffffff7f",
		"payload as a number":  goldenPing + "4001",
		"service as bytes":     "080010001a0120" + "2000",
		"seq as 64 bit":        "0900000000000000001000180020002a00",
		"broken header":        goldenPing + "2a020a05",
		"too many headers":     goldenPing + strings.Repeat("2a00", maxHeaders),
		"a truncated fixed 64": goldenPing + "5100",
	}
	for name, c := range cases {
		if got, err := Unmarshal(unhex(t, c)); !errors.Is(err, ErrFrame) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// Every cut of a frame is refused, but for the cuts between the optional fields at its end.
func TestUnmarshalTruncated(t *testing.T) {
	whole := unhex(t, goldenEvent)
	for n := range whole {
		f, err := Unmarshal(whole[:n])
		if err == nil && len(f.Marshal()) != n {
			t.Errorf("cut at %d: taken as %+v", n, f)
		}
	}
}

func TestAnswerLeavesTheFrameAlone(t *testing.T) {
	f := event
	f.Headers = append(make([]Header, 0, 16), event.Headers...)
	one, two := f.Answer("1", nil), f.Answer("2", nil)
	if one.Header(HeaderBizRT) != "1" || two.Header(HeaderBizRT) != "2" || f.Header(HeaderBizRT) != "" {
		t.Error("the answers share their headers")
	}
}

func FuzzFrame(f *testing.F) {
	for _, s := range []string{goldenPing, goldenGoPing, goldenPong, goldenEvent, goldenAck, goldenMinus, "", "42ffffffffffffffff7f"} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		frame, err := Unmarshal(data)
		if err != nil {
			if !errors.Is(err, ErrFrame) {
				t.Fatal(err)
			}
			return
		}
		again, err := Unmarshal(frame.Marshal())
		if err != nil {
			t.Fatal(err)
		}
		if len(frame.Payload) == 0 {
			frame.Payload = nil // absent and empty are one
		}
		if !reflect.DeepEqual(frame, again) {
			t.Fatalf("%+v became %+v", frame, again)
		}
	})
}
