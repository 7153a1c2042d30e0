package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

const (
	testKey       = "test key"
	challenge     = `{"challenge":"c-1","token":"vtoken","type":"url_verification"}`
	challengeIn   = "AAECAwQFBgcICQoLDA0ODxT/dH7HGaZSqzJLo9upOhu3WaL/w1/AgjQZ/FVJzStqiRHgPEpMQp3QvXWcAfBAK/OmR61ONmdkMu5ihJKb9hU="
	documentedIn  = "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk="
	documentedOut = "hello world"
)

// iv is 00 01 … 0f.
func iv() (v [16]byte) {
	for i := range v {
		v[i] = byte(i)
	}
	return v
}

func TestDecryptVectors(t *testing.T) {
	sdk, err := os.ReadFile("testdata/sdk-event.base64")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := NewKey(testKey).Decrypt(documentedIn); err != nil || string(got) != documentedOut {
		t.Errorf("the documented sample: %q, %v", got, err)
	}
	if got, err := NewKey(testKey).Decrypt(challengeIn); err != nil || string(got) != challenge {
		t.Errorf("the fixed IV: %q, %v", got, err)
	}
	plain, err := NewKey("1212121212").Decrypt(strings.TrimSpace(string(sdk)))
	var event struct {
		Header struct {
			ID   string `json:"event_id"`
			Type string `json:"event_type"`
		} `json:"header"`
	}
	if err != nil || json.Unmarshal(plain, &event) != nil || event.Header.ID != "f7984f25108f8137722bb63cee927e66" || event.Header.Type != "contact.user.created_v3" {
		t.Errorf("the SDK's test: %q, %v", plain, err)
	}
}

func TestEncryptVector(t *testing.T) {
	if got := NewKey(testKey).EncryptIV(iv(), []byte(challenge)); got != challengeIn {
		t.Errorf("got %s, want %s", got, challengeIn)
	}
}

func TestEncryptEveryLength(t *testing.T) {
	k := NewKey(testKey)
	for n := range 50 {
		plain := bytes.Repeat([]byte{byte(n)}, n)
		one, two := k.Encrypt(plain), k.Encrypt(plain)
		if one == two {
			t.Fatalf("%d bytes: one IV twice", n)
		}
		if got, err := k.Decrypt(one); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%d bytes: %q, %v", n, got, err)
		}
	}
}

// The padding is checked byte by byte: in CBC, changing a byte of one block flips the same byte of the next plaintext.
func TestDecryptStrictPadding(t *testing.T) {
	k := NewKey(testKey)
	whole, err := base64.StdEncoding.DecodeString(k.EncryptIV(iv(), []byte("hello"))) // eleven bytes of padding
	if err != nil {
		t.Fatal(err)
	}
	for i := range 16 {
		bad := bytes.Clone(whole)
		bad[i] ^= 0x40
		_, err := k.Decrypt(base64.StdEncoding.EncodeToString(bad))
		if i < 5 && err != nil {
			t.Errorf("byte %d is text: %v", i, err)
		}
		if i >= 5 && !errors.Is(err, ErrDecrypt) {
			t.Errorf("byte %d is padding: %v", i, err)
		}
	}
}

func TestDecryptRefuses(t *testing.T) {
	k := NewKey(testKey)
	whole, _ := base64.StdEncoding.DecodeString(challengeIn)
	encode := base64.StdEncoding.EncodeToString
	cases := map[string]string{
		"nothing":            "",
		"no base64":          "***",
		"URL base64":         strings.ReplaceAll(challengeIn, "/", "_"),
		"no padding signs":   strings.TrimRight(challengeIn, "="),
		"only an IV":         encode(whole[:16]),
		"half a block":       encode(whole[:40]),
		"a block short":      encode(whole[:len(whole)-16]),
		"another key's text": NewKey("other").EncryptIV(iv(), []byte(challenge)),
	}
	for name, c := range cases {
		if got, err := k.Decrypt(c); !errors.Is(err, ErrDecrypt) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestKeyIsNotPrinted(t *testing.T) {
	k := NewKey("S3cr3tKey")
	if s := fmt.Sprintf("%v %+v %#v %s", k, k, k, k); strings.Contains(s, "S3cr3tKey") {
		t.Error(s)
	}
}

func FuzzDecrypt(f *testing.F) {
	f.Add(documentedIn, []byte("{}"))
	f.Add(challengeIn, []byte(challenge))
	f.Add("", []byte{})
	k := NewKey(testKey)
	f.Fuzz(func(t *testing.T, in string, plain []byte) {
		if got, err := k.Decrypt(in); err != nil && (!errors.Is(err, ErrDecrypt) || got != nil) {
			t.Fatal(got, err)
		}
		if got, err := k.Decrypt(k.EncryptIV(iv(), plain)); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%q became %q, %v", plain, got, err)
		}
	})
}
