package feishu

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"lianbang/bot/rest"
)

const (
	endpointTime = 15 * time.Second // that the platform may take to say where to connect
	maxPause     = 3600             // seconds; a longer interval of the platform is not believed
)

// endpoint is where one connection goes. Its address holds secrets and is good for one connection.
type endpoint struct {
	address *url.URL // never to be logged
	conn    string   // id of the connection, for logs
	service int32    // goes into every ping
	pace    pace     // what the platform left out is 0
}

// pace is how often the platform wants to hear from us, in its own unit, seconds. It comes with the endpoint and again with
// every pong (SDK source, ws/model.go). Its ReconnectCount is not heeded: we never give up for having tried too often.
type pace struct {
	Ping      int `json:"PingInterval"`
	Reconnect int `json:"ReconnectInterval"` // the longest pause between two attempts
	Nonce     int `json:"ReconnectNonce"`    // the longest pause before the first
}

// usualPace is the vendor's default.
var usualPace = pace{Ping: 120, Reconnect: 120, Nonce: 30}

// change is p with what is set in q. A field that is missing, or is no sensible pause, keeps its value.
func (p pace) change(q pace) pace {
	for _, f := range []struct {
		to   *int
		from int
	}{{&p.Ping, q.Ping}, {&p.Reconnect, q.Reconnect}, {&p.Nonce, q.Nonce}} {
		if f.from > 0 && f.from <= maxPause {
			*f.to = f.from
		}
	}
	return p
}

// haste says how soon to try again after a failure.
type haste int

const (
	soon  haste = iota // growing pauses
	late               // the longest pause at once: somebody has to do something first
	never              // it is pointless
)

// connectError is a connection that did not come about. Its text is for the operator and holds no secret.
type connectError struct {
	haste haste
	code  int // of the platform; 0 = none
	err   error
}

func (e *connectError) Error() string { return e.err.Error() }
func (e *connectError) Unwrap() error { return e.err }

// Codes that the endpoint, and a refused handshake, answer with (SDK source, ws/const.go).
const (
	codeForbidden    = 403
	codeAuthFailed   = 514
	codeNoCredential = 1000040344
	codeBadSecret    = 1000040345
	codeTooMany      = 1000040350
)

// refusal classes an answer of the platform. 1000040345 is reported in the field for apps that are not published, and as a
// passing fault: it is no reason to give up, and neither is having too many connections.
func refusal(code int) *connectError {
	switch code {
	case codeForbidden:
		return &connectError{never, code, errors.New("飞书拒绝了长连接(403)：应用被停用或封禁，请在开发者后台查看应用状态")}
	case codeNoCredential:
		return &connectError{never, code, errors.New("飞书没有收到凭证(1000040344)：请检查配置里的 app_id 和 app_secret")}
	case codeBadSecret:
		return &connectError{late, code, errors.New("飞书不认可 app_id 或 app_secret(1000040345)：请对照开发者后台“凭证与基础信息”，并确认应用已创建版本并发布；稍后会再试")}
	case codeTooMany:
		return &connectError{late, code, errors.New("这个应用的长连接已满 50 个(1000040350)：请停掉多余的进程；稍后会再试")}
	default:
		return &connectError{soon, code, fmt.Errorf("飞书暂时不接受长连接，错误码 %d", code)}
	}
}

// discover asks where to connect, anew for every connection (SDK source, ws/client.go). Its errors are *connectError.
func (a *Adapter) discover(ctx context.Context) (endpoint, error) {
	ctx, cancel := context.WithTimeout(ctx, endpointTime)
	defer cancel()
	body, err := rest.Encode(map[string]string{"AppID": a.conf.AppID, "AppSecret": a.conf.AppSecret})
	if err != nil {
		return endpoint{}, &connectError{haste: soon, err: err}
	}
	resp, err := a.rest.http.R().SetContext(ctx).SetHeader("Content-Type", "application/json").SetHeader("locale", "zh").
		SetBody(body).Post("/callback/ws/endpoint")
	if err != nil {
		return endpoint{}, &connectError{haste: soon, err: fmt.Errorf("连不上飞书：%w", bare(ctx, err))}
	}
	return readEndpoint(resp.StatusCode(), resp.Body())
}

// readEndpoint reads the answer. Any HTTP status but 200 means that the platform is busy, unless its body says more.
func readEndpoint(status int, body []byte) (endpoint, error) {
	var answer struct {
		Code int `json:"code"`
		Data *struct {
			URL  string `json:"URL"`
			Pace pace   `json:"ClientConfig"`
		} `json:"data"`
	}
	err := json.Unmarshal(body, &answer)
	switch {
	case err == nil && answer.Code != 0:
		return endpoint{}, refusal(answer.Code)
	case status != http.StatusOK:
		return endpoint{}, &connectError{haste: soon, err: fmt.Errorf("飞书正忙(HTTP %d)", status)}
	case err != nil || answer.Data == nil:
		return endpoint{}, &connectError{haste: soon, err: errors.New("飞书没有给出长连接的地址")}
	}
	u, err := url.Parse(answer.Data.URL)
	if err != nil || u.Host == "" || u.Scheme != "wss" && !(u.Scheme == "ws" && isLoopback(u.Hostname())) {
		return endpoint{}, &connectError{haste: soon, err: errors.New("飞书给出的长连接地址不对")}
	}
	q := u.Query()
	service, err := strconv.ParseInt(q.Get("service_id"), 10, 32)
	if err != nil {
		return endpoint{}, &connectError{haste: soon, err: errors.New("飞书给出的长连接地址里没有 service_id")}
	}
	return endpoint{address: u, conn: clip(q.Get("device_id"), 64), service: int32(service), pace: answer.Data.Pace}, nil
}

// refusedHandshake reads the headers of an answer that is no upgrade (SDK source, ws/client.go).
func refusedHandshake(h http.Header, status int) *connectError {
	code, err := strconv.Atoi(h.Get("Handshake-Status"))
	if err != nil {
		return &connectError{haste: soon, err: fmt.Errorf("长连接握手失败(HTTP %d)", status)}
	}
	if code == codeAuthFailed && h.Get("Handshake-Autherrcode") == strconv.Itoa(codeTooMany) {
		code = codeTooMany
	}
	return refusal(code)
}
