package wire

import "testing"

// sdkBody is the body that the vendor's Go SDK signs in its own tests.
const sdkBody = `{"schema":"2.0","header":{"event_id":"f7984f25108f8137722bb63cee927e66","event_type":"contact.user.created_v3","app_id":"cli_xxxxxxxx","tenant_key":"xxxxxxx","create_time":"1603977298000000","token":"v"},"event":{"object":{"open_id":"ou_7dab8a3d3cdcc9da365777c7ad535d62","union_id":"on_576833b917gda3d939b9a3c2d53e72c8","user_id":"e33ggbyz","name":"张三","employee_no":"employee_no"}},"challenge":"1212","type":"url_verification"}`

func TestSign(t *testing.T) {
	cases := []struct{ name, got, want string }{
		{"the SDK's body", NewKey("1212121212").Sign("timestamp", "nonce", []byte(sdkBody)), "4dca085198cb3216defc5b65b0668c1328b038a22dbadf2bc6c4fdc3d32bbc45"},
		{"an encrypted body", NewKey(testKey).Sign("1790000000", "n0nce", []byte(`{"encrypt":"`+challengeIn+`"}`)), "f6e3f66d0f78e690f1a762c9a797c126de1564551a01f01248ab46d6dc5b8d70"},
		{"an old card", SignCard("121", "timestamp", "nonce", []byte("{}")), "4283307c164ddecbfecc6d2aa0b66c92216a2cc5"},
		{"a custom bot", SignHook("demo", "1599360473"), "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.name, c.got, c.want)
		}
	}
}

func TestSame(t *testing.T) {
	for _, c := range []struct {
		want, got string
		same      bool
	}{{"vt", "vt", true}, {"vt", "vT", false}, {"vt", "v", false}, {"vt", "", false}, {"", "", false}, {"", "vt", false}} {
		if Same(c.want, c.got) != c.same {
			t.Errorf("%q, %q: %v", c.want, c.got, !c.same)
		}
	}
}
