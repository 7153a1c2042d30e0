package wire

import (
	"bytes"
	"crypto/aes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"
)

// vector is one published or own example: testdata/published.json, testdata/own.json.
type vector struct {
	Name      string `json:"name"`
	Token     string `json:"token"`
	Key       string `json:"key"`
	Receiver  string `json:"receiveid"`
	Timestamp string `json:"timestamp"`
	Nonce     string `json:"nonce"`
	Random    string `json:"random_hex"`
	Plaintext string `json:"plaintext"`
	Encrypt   string `json:"encrypt"`
	Signature string `json:"msg_signature"`
	AESKey    string `json:"aeskey"`
	Pad       int    `json:"pad"`
	Cipher    string `json:"cipher_hex"`
}

func (v vector) query() Query {
	return Query{Signature: v.Signature, Timestamp: v.Timestamp, Nonce: v.Nonce}
}

func (v vector) crypt(t testing.TB) *Crypt {
	t.Helper()
	c, err := NewCrypt(v.Token, v.Key, v.Receiver)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func vectors(t testing.TB, file string) (out []vector) {
	t.Helper()
	b, err := os.ReadFile("testdata/" + file)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil || len(out) == 0 {
		t.Fatalf("%s: %v", file, err)
	}
	return out
}

// random of a ciphertext, to encrypt it again.
func randomOf(t *testing.T, c *Crypt, encrypted string) (r [16]byte) {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(encrypted)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := c.cbc.open(data)
	if err != nil {
		t.Fatal(err)
	}
	return [16]byte(plain[:16])
}

func TestVectors(t *testing.T) {
	for _, v := range append(vectors(t, "published.json"), vectors(t, "own.json")...) {
		t.Run(v.Name, func(t *testing.T) {
			if v.AESKey != "" {
				media(t, v)
				return
			}
			c := v.crypt(t)
			if got := c.Sign(v.Timestamp, v.Nonce, v.Encrypt); got != v.Signature {
				t.Errorf("signature %s, want %s", got, v.Signature)
			}
			plain, err := c.Open(v.query(), v.Encrypt)
			if err != nil {
				t.Fatal(err)
			}
			if v.Plaintext != "" && string(plain) != v.Plaintext {
				t.Errorf("opened %q, want %q", plain, v.Plaintext)
			}
			random := randomOf(t, c, v.Encrypt)
			if v.Random != "" && hex.EncodeToString(random[:]) != v.Random {
				t.Errorf("random %x", random)
			}
			if again := c.Encrypt(random, plain); again != v.Encrypt {
				t.Errorf("encrypted again: %s", again)
			}
		})
	}
}

func media(t *testing.T, v vector) {
	data, err := hex.DecodeString(v.Cipher)
	if err != nil {
		t.Fatal(err)
	}
	before := bytes.Clone(data)
	for _, key := range []string{v.AESKey, strings.TrimRight(v.AESKey, "=")} {
		plain, err := OpenMedia(key, data)
		if err != nil || string(plain) != v.Plaintext {
			t.Errorf("opened %q, %v", plain, err)
		}
	}
	if !bytes.Equal(data, before) {
		t.Error("the ciphertext was changed")
	}
	sealed, err := SealMedia(v.AESKey, []byte(v.Plaintext))
	if err != nil || !bytes.Equal(sealed, data) {
		t.Errorf("sealed %x, %v", sealed, err)
	}
	for _, key := range []string{"", "AAAA", v.AESKey[:40], "###" + v.AESKey[3:]} {
		if _, err := OpenMedia(key, data); !errors.Is(err, ErrKey) {
			t.Errorf("key %q: %v", key, err)
		}
		if _, err := SealMedia(key, data); !errors.Is(err, ErrKey) {
			t.Errorf("key %q: %v", key, err)
		}
	}
	for _, wrong := range [][]byte{nil, data[:16], data[:31], append(bytes.Clone(data), 1)} {
		if _, err := OpenMedia(v.AESKey, wrong); !errors.Is(err, ErrLength) {
			t.Errorf("%d bytes: %v", len(wrong), err)
		}
	}
}

func TestPublishedPost(t *testing.T) {
	v := vectors(t, "published.json")[1]
	plain, err := v.crypt(t).Open(v.query(), v.Encrypt)
	if err != nil {
		t.Fatal(err)
	}
	m, err := ParseAppMessage(plain)
	if err != nil || m.Type != "text" || m.Content != "hello" || m.ID != "4561255354251345929" || m.AgentID != "218" {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestKeys(t *testing.T) {
	key := vectors(t, "own.json")[0].Key
	for _, bad := range []string{"", key[:42], key + "A", key[:42] + "#", key[:42] + "=", key[:42] + "\n"} {
		if _, err := NewCrypt("t", bad, ""); !errors.Is(err, ErrKey) {
			t.Errorf("%q: %v", bad, err)
		} else if strings.Contains(err.Error(), key[:20]) {
			t.Error("the error shows the key")
		}
	}
	for _, last := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" {
		if _, err := NewCrypt("t", key[:42]+string(last), ""); err != nil {
			t.Errorf("last character %c: %v", last, err)
		}
	}
}

// sealed encrypts a frame that brings its own padding: the padding that seal appends is cut off again.
func sealed(c *Crypt, frame []byte) string {
	for len(frame)%aes.BlockSize != 0 {
		frame = append(frame, 0)
	}
	out := c.cbc.seal(bytes.Clone(frame))
	return base64.StdEncoding.EncodeToString(out[:len(frame)])
}

func frameOf(size uint32, rest string, pad ...byte) []byte {
	b := binary.BigEndian.AppendUint32(make([]byte, randomSize), size)
	return append(append(b, rest...), pad...)
}

func TestRefusedInThisOrder(t *testing.T) {
	v := vectors(t, "own.json")[0]
	c := v.crypt(t)
	other, err := NewCrypt(v.Token, v.Key, "wwFORGED")
	if err != nil {
		t.Fatal(err)
	}
	full := bytes.Repeat([]byte{32}, 32)
	cases := map[string]struct {
		encrypted string
		want      error
	}{
		"not base64":            {"***", ErrBase64},
		"empty":                 {"", ErrLength},
		"one block":             {base64.StdEncoding.EncodeToString(make([]byte, 16)), ErrLength},
		"half a block":          {base64.StdEncoding.EncodeToString(make([]byte, 40)), ErrLength},
		"padding 0":             {sealed(c, frameOf(0, "ww00aa11bb22", 0, 0, 0, 0)), ErrPadding},
		"padding 33":            {sealed(c, append(frameOf(0, ""), bytes.Repeat([]byte{33}, 44)...)), ErrPadding},
		"padding not equal":     {sealed(c, frameOf(0, "ww00aa11bb2", 9, 5, 5, 5, 5)), ErrPadding},
		"padding over all":      {sealed(c, full), ErrLayout},
		"length too large":      {sealed(c, append(frameOf(13, "012345678901"), full...)), ErrLayout},
		"length overflows":      {sealed(c, append(frameOf(0xffffffff, "012345678901"), full...)), ErrLayout},
		"receiver forged":       {other.Encrypt([16]byte{}, []byte("hi")), ErrReceiver},
		"receiver longer":       {sealed(c, append(frameOf(2, "hi"+v.Receiver+"x"), bytes.Repeat([]byte{23}, 23)...)), ErrReceiver},
		"receiver missing":      {sealed(c, append(frameOf(2, "hi"), bytes.Repeat([]byte{10}, 10)...)), ErrReceiver},
		"receiver in uppercase": {sealed(c, append(frameOf(2, "hi"+strings.ToUpper(v.Receiver)), bytes.Repeat([]byte{24}, 24)...)), ErrReceiver},
	}
	for name, k := range cases {
		q := Query{Timestamp: "1", Nonce: "2", Signature: c.Sign("1", "2", k.encrypted)}
		if _, err := c.Open(q, k.encrypted); !errors.Is(err, k.want) {
			t.Errorf("%s: %v, want %v", name, err, k.want)
		}
		q.Signature = strings.Repeat("0", 40)
		if _, err := c.Open(q, k.encrypted); !errors.Is(err, ErrSignature) {
			t.Errorf("%s, signature forged: %v", name, err)
		}
	}
	for _, forged := range []Query{
		{Timestamp: v.Timestamp, Nonce: v.Nonce},
		{Timestamp: v.Timestamp, Nonce: v.Nonce, Signature: v.Signature[:39]},
		{Timestamp: v.Timestamp + "0", Nonce: v.Nonce, Signature: v.Signature},
		{Timestamp: v.Timestamp, Nonce: "1", Signature: v.Signature},
	} {
		if _, err := c.Open(forged, v.Encrypt); !errors.Is(err, ErrSignature) {
			t.Errorf("%+v: %v", forged, err)
		}
	}
}

func TestEveryPadding(t *testing.T) {
	c := vectors(t, "own.json")[0].crypt(t)
	for n := range 100 {
		message := bytes.Repeat([]byte{'x'}, n)
		s := c.Seal("1790000000", "7", message)
		got, err := c.Open(s.Query(), s.Encrypt)
		if err != nil || !bytes.Equal(got, message) {
			t.Fatalf("%d bytes: %v", n, err)
		}
	}
	if a, b := c.Seal("1", "2", []byte("x")), c.Seal("1", "2", []byte("x")); a.Encrypt == b.Encrypt {
		t.Error("the random bytes are not random")
	}
}

func TestQuery(t *testing.T) {
	v := vectors(t, "own.json")[3]
	raw := "msg_signature=" + v.Signature + "&timestamp=" + v.Timestamp + "&nonce=" + v.Nonce + "&echostr=" + v.Encrypt
	unescaped, err := url.ParseQuery(raw)
	if err != nil || !strings.Contains(v.Encrypt, "+") {
		t.Fatal("the vector has no plus", err)
	}
	q := v.query()
	q.Echo = v.Encrypt
	for name, values := range map[string]url.Values{"unescaped": unescaped, "escaped": q.Values()} {
		got := ParseQuery(values)
		if got != q {
			t.Errorf("%s: %+v", name, got)
		}
		plain, err := v.crypt(t).OpenEcho(got)
		if err != nil || string(plain) != v.Plaintext {
			t.Errorf("%s: %q, %v", name, plain, err)
		}
	}
	for _, name := range []string{"msgsignature", "signature"} {
		if got := ParseQuery(url.Values{name: {"abc"}}); got.Signature != "abc" {
			t.Errorf("%s is not read", name)
		}
	}
}

func FuzzDecrypt(f *testing.F) {
	for _, v := range append(vectors(f, "published.json"), vectors(f, "own.json")...) {
		if data, err := base64.StdEncoding.DecodeString(v.Encrypt); err == nil {
			f.Add(data)
		}
	}
	v := vectors(f, "own.json")[2]
	c := v.crypt(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		encrypted := base64.StdEncoding.EncodeToString(data)
		if _, err := c.Open(Query{Signature: strings.Repeat("a", 40)}, encrypted); !errors.Is(err, ErrSignature) {
			t.Fatalf("opened without a signature: %v", err)
		}
		if plain, err := c.Decrypt(encrypted); err == nil {
			again, err := c.Decrypt(c.Encrypt([16]byte{}, plain))
			if err != nil || !bytes.Equal(again, plain) || len(plain)+headSize >= len(data) {
				t.Fatalf("%x became %x, %v", plain, again, err)
			}
		}
		if plain, err := OpenMedia(v.Key, data); err == nil {
			sealed, err := SealMedia(v.Key, plain)
			if err != nil || len(sealed)%padBlock != 0 || len(plain) >= len(data) {
				t.Fatalf("media of %d bytes: %v", len(plain), err)
			}
			if again, err := OpenMedia(v.Key, sealed); err != nil || !bytes.Equal(again, plain) {
				t.Fatalf("media: %x, %v", again, err)
			}
		}
	})
}
