package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// The methods of a frame.
const (
	Control int32 = 0 // ping and pong
	Data    int32 = 1 // events and callbacks, and their answers
)

// The header keys of a frame. Lookup is case-sensitive.
const (
	HeaderType      = "type"       // one of the types below
	HeaderMessageID = "message_id" // id of a data message, common to its fragments; no om_… id
	HeaderSum       = "sum"        // number of fragments
	HeaderSeq       = "seq"        // index of this fragment, from 0
	HeaderTraceID   = "trace_id"
	HeaderBizRT     = "biz_rt" // added to an answer: milliseconds that it took
)

// The values of HeaderType.
const (
	TypeEvent = "event"
	TypeCard  = "card"
	TypePing  = "ping"
	TypePong  = "pong"
)

// maxHeaders is far above the dozen that the platform uses.
const maxHeaders = 128

// ErrFrame is what every undecodable frame fails with.
var ErrFrame = errors.New("malformed frame")

// Header is one key and value of a frame.
type Header struct{ Key, Value string }

// Frame is one binary message of the long connection: proto2 message pbbp2.Frame (SDK source). The zero value of an optional
// field counts as absent.
type Frame struct {
	SeqID           uint64
	LogID           uint64
	Service         int32
	Method          int32 // Control or Data
	Headers         []Header
	PayloadEncoding string
	PayloadType     string
	Payload         []byte
	LogIDNew        string
}

// Header is the value of the first header named key, "" without one.
func (f Frame) Header(key string) string {
	for _, h := range f.Headers {
		if h.Key == key {
			return h.Value
		}
	}
	return ""
}

// Answer is the frame that acknowledges f: f itself with one more header, the milliseconds that handling it took, and
// payload instead of its own.
func (f Frame) Answer(millis string, payload []byte) Frame {
	f.Headers = append(slices.Clip(f.Headers), Header{HeaderBizRT, millis})
	f.Payload = payload
	return f
}

// Field numbers of pbbp2.Frame and pbbp2.Header.
const (
	fieldSeqID = iota + 1
	fieldLogID
	fieldService
	fieldMethod
	fieldHeaders
	fieldPayloadEncoding
	fieldPayloadType
	fieldPayload
	fieldLogIDNew

	fieldKey   = 1
	fieldValue = 2
)

// Wire types of protobuf.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

// Marshal encodes f. The four required fields are written even when zero, for peers refuse a frame without them; absent
// optional fields are left out.
func (f Frame) Marshal() []byte {
	b := make([]byte, 0, 64+32*len(f.Headers)+len(f.Payload))
	b = appendNumber(b, fieldSeqID, f.SeqID)
	b = appendNumber(b, fieldLogID, f.LogID)
	b = appendNumber(b, fieldService, uint64(int64(f.Service)))
	b = appendNumber(b, fieldMethod, uint64(int64(f.Method)))
	for _, h := range f.Headers {
		b = appendHeader(b, h)
	}
	b = appendOptional(b, fieldPayloadEncoding, f.PayloadEncoding)
	b = appendOptional(b, fieldPayloadType, f.PayloadType)
	b = appendOptional(b, fieldPayload, f.Payload)
	return appendOptional(b, fieldLogIDNew, f.LogIDNew)
}

func appendNumber(b []byte, field int, n uint64) []byte {
	return binary.AppendUvarint(append(b, byte(field<<3|wireVarint)), n)
}

func appendBytes[T string | []byte](b []byte, field int, v T) []byte {
	b = binary.AppendUvarint(append(b, byte(field<<3|wireBytes)), uint64(len(v)))
	return append(b, v...)
}

func appendOptional[T string | []byte](b []byte, field int, v T) []byte {
	if len(v) == 0 {
		return b
	}
	return appendBytes(b, field, v)
}

func appendHeader(b []byte, h Header) []byte {
	body := appendBytes(appendBytes(nil, fieldKey, h.Key), fieldValue, h.Value)
	return appendBytes(b, fieldHeaders, body)
}

// Unmarshal decodes one frame. Unknown fields are skipped, of a repeated scalar the last counts. Payload shares data's
// memory. Every error is an ErrFrame.
func Unmarshal(data []byte) (Frame, error) {
	var f Frame
	var seen uint
	err := eachField(data, func(field uint64, v value) error {
		if field <= fieldLogIDNew {
			seen |= 1 << field
		}
		return f.set(field, v)
	})
	if err != nil {
		return Frame{}, err
	}
	for field := fieldSeqID; field <= fieldMethod; field++ {
		if seen&(1<<field) == 0 {
			return Frame{}, fmt.Errorf("%w: required field %d is missing", ErrFrame, field)
		}
	}
	return f, nil
}

func (f *Frame) set(field uint64, v value) error {
	switch field {
	case fieldSeqID:
		return v.number(&f.SeqID)
	case fieldLogID:
		return v.number(&f.LogID)
	case fieldService:
		return v.int32(&f.Service)
	case fieldMethod:
		return v.int32(&f.Method)
	case fieldHeaders:
		return f.addHeader(v)
	case fieldPayloadEncoding:
		return v.text(&f.PayloadEncoding)
	case fieldPayloadType:
		return v.text(&f.PayloadType)
	case fieldPayload:
		if v.kind != wireBytes {
			return v.mismatch()
		}
		f.Payload = v.bytes
	case fieldLogIDNew:
		return v.text(&f.LogIDNew)
	}
	return nil
}

func (f *Frame) addHeader(v value) error {
	if v.kind != wireBytes {
		return v.mismatch()
	}
	if len(f.Headers) == maxHeaders {
		return fmt.Errorf("%w: more than %d headers", ErrFrame, maxHeaders)
	}
	var h Header
	err := eachField(v.bytes, func(field uint64, v value) error {
		switch field {
		case fieldKey:
			return v.text(&h.Key)
		case fieldValue:
			return v.text(&h.Value)
		}
		return nil
	})
	f.Headers = append(f.Headers, h)
	return err
}

// value is what one field holds: n of a varint, bytes of a length-delimited field, nothing of a fixed one.
type value struct {
	kind  uint64
	n     uint64
	bytes []byte
}

func (v value) mismatch() error { return fmt.Errorf("%w: wire type %d out of place", ErrFrame, v.kind) }

func (v value) number(to *uint64) error {
	if v.kind != wireVarint {
		return v.mismatch()
	}
	*to = v.n
	return nil
}

func (v value) int32(to *int32) error {
	if v.kind != wireVarint {
		return v.mismatch()
	}
	*to = int32(v.n)
	return nil
}

func (v value) text(to *string) error {
	if v.kind != wireBytes {
		return v.mismatch()
	}
	*to = string(v.bytes)
	return nil
}

// eachField calls fn for every field of the message data.
func eachField(data []byte, fn func(field uint64, v value) error) error {
	for len(data) > 0 {
		tag, n := binary.Uvarint(data)
		if n <= 0 || tag>>3 == 0 {
			return fmt.Errorf("%w: bad tag", ErrFrame)
		}
		v, rest, err := readValue(tag&7, data[n:])
		if err != nil {
			return err
		}
		if err := fn(tag>>3, v); err != nil {
			return err
		}
		data = rest
	}
	return nil
}

func readValue(kind uint64, data []byte) (v value, rest []byte, err error) {
	v.kind = kind
	size := uint64(0)
	switch kind {
	case wireVarint, wireBytes:
		n := 0
		if v.n, n = binary.Uvarint(data); n <= 0 {
			return v, nil, fmt.Errorf("%w: bad varint", ErrFrame)
		}
		data = data[n:]
		if kind == wireBytes {
			size = v.n
		}
	case wireFixed64:
		size = 8
	case wireFixed32:
		size = 4
	default:
		return v, nil, fmt.Errorf("%w: wire type %d", ErrFrame, kind)
	}
	if size > uint64(len(data)) {
		return v, nil, fmt.Errorf("%w: truncated", ErrFrame)
	}
	v.bytes = data[:size:size]
	return v, data[size:], nil
}
