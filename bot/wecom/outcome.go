package wecom

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"lianbang/bot/rest"
)

// What may become of something that was to be sent, over the connection or over HTTP, besides a refusal and a loss on the
// way.
var (
	// errNotConnected is a frame that was certainly not sent: there is no subscribed connection.
	errNotConnected = errors.New("the connection to WeCom is away")
	// errAwayLong is an errNotConnected of a connection that will not be back in a moment.
	errAwayLong = fmt.Errorf("%w for a while", errNotConnected)
	// errUnknownOutcome is a frame that was sent, or partly, and not acknowledged. Only what is idempotent may be sent again.
	errUnknownOutcome = errors.New("sent, but not acknowledged in time")
	// errAnswer is an answer that says success and lacks what it should hold.
	errAnswer = errors.New("WeCom's answer lacks what it should hold")
)

// refusedError is a frame or a call that the platform refused with a code.
type refusedError struct {
	code int
	msg  string // the platform's words without the address of our server; never what we sent
}

// Error implements error.
func (e *refusedError) Error() string { return fmt.Sprintf("WeCom answered %d: %s", e.code, e.msg) }

// callerIP is how the platform names the address that it saw (issue logs).
var callerIP = regexp.MustCompile(`,? *from ip: *([0-9A-Fa-f.:]+)`)

// newRefusedError is an *untrustedError for the code that means one. A code of success gives nil.
func newRefusedError(code int, msg string) error {
	if code == 0 {
		return nil
	}
	e := &refusedError{code: code, msg: clip(callerIP.ReplaceAllString(msg, ""), 300)}
	if ip := callerIP.FindStringSubmatch(msg); code == codeUntrusted && ip != nil {
		return &untrustedError{refusedError: e, ip: ip[1]}
	}
	return e
}

// codeOf is the platform's code of a refusal, or 0.
func codeOf(err error) int {
	if e := (*refusedError)(nil); errors.As(err, &e) {
		return e.code
	}
	return 0
}

// untrustedError is a call from an address that is not in the app's list of trusted ones. The address is for the operator's
// eyes: it is not in Error, which is logged.
type untrustedError struct {
	*refusedError
	ip string
}

// Unwrap implements errors.Unwrap.
func (e *untrustedError) Unwrap() error { return e.refusedError }

// gatewayError is an HTTP answer without an errcode: it came from something in between, such as a proxy.
type gatewayError struct {
	status int
	ahead  bool // it was about what goes before a message: that was certainly not sent
}

// Error implements error.
func (e *gatewayError) Error() string { return fmt.Sprintf("HTTP %d without an errcode", e.status) }

// passed reports whether the platform may have got the message all the same.
func (e *gatewayError) passed() bool {
	return !e.ahead && (e.status < http.StatusMultipleChoices || e.status >= http.StatusInternalServerError)
}

// transportError is a request without an answer.
type transportError struct {
	cause error
	sent  bool // the platform may have got the request
}

// Error implements error.
func (e *transportError) Error() string { return "no answer from WeCom: " + e.cause.Error() }

// Unwrap implements errors.Unwrap.
func (e *transportError) Unwrap() error { return e.cause }

// newTransportError strips the address, which is a secret, off an error of net/http. sent says that there was a connection to
// send the request over. A *gatewayError stays what it is.
func newTransportError(ctx context.Context, err error, sent bool) error {
	if gateway := (*gatewayError)(nil); errors.As(err, &gateway) {
		return gateway
	}
	err = rest.Bare(err)
	switch {
	case !sent:
		err = errors.New(err.Error()) // also where the time was over: nothing was cut off
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	}
	return &transportError{cause: err, sent: sent}
}

// throttledError is a message that our own clock holds back, because the platform would drop it silently or refuse it.
type throttledError struct{ after time.Duration }

// Error implements error.
func (e *throttledError) Error() string { return "held back by our own clock" }

// unknownError is a message of which is not known whether it arrived. It counts as cut off, so that the lanes do not repeat
// what must not come twice.
type unknownError struct{ cause error }

// Error implements error.
func (e *unknownError) Error() string { return "it may have arrived: " + e.cause.Error() }

// Unwrap implements errors.Unwrap.
func (e *unknownError) Unwrap() []error {
	return []error{e.cause, errUnknownOutcome, context.DeadlineExceeded}
}

// outcome is what became of a message whose sending failed: an *unknownError where the platform may have got it.
func outcome(err error) error {
	var lost *transportError
	var gateway *gatewayError
	switch {
	case err == nil || codeOf(err) != 0:
		return err
	case errors.Is(err, errUnknownOutcome), errors.As(err, &lost) && lost.sent, errors.As(err, &gateway) && gateway.passed():
		return &unknownError{cause: err}
	case lost == nil && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)):
		return &transportError{cause: errors.New("no turn in time")}
	}
	return err
}

// unsent marks the failure of what goes before a message, after which that was certainly not sent. A refusal of the platform
// or of something in between keeps its own meaning.
func unsent(err error) error {
	var gateway *gatewayError
	switch {
	case err == nil || codeOf(err) != 0 || errors.Is(err, errUnfit) || errors.Is(err, errNotConnected):
		return err
	case errors.As(err, &gateway):
		return &gatewayError{status: gateway.status, ahead: true}
	}
	return &transportError{cause: errors.New(err.Error())}
}
