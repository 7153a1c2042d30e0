// Package wire is what both ends of Feishu's callbacks must agree on: the frames of the long connection, the encryption of
// webhook bodies, and the signatures. It is pure, and knows neither events nor cards, so that our adapter and our fake of
// the platform share it without knowing each other.
//
// Its invariant: whatever bytes come in, decoding ends with a value or an error in time linear in their number, and never
// with a panic; and nothing that fails a check of integrity (padding, lengths, required fields) is handed on.
//
// Platform facts come from the vendor's SDK sources (oapi-sdk-go ws/pbbp2, event/event.go, card/card.go; node-sdk
// utils/aes-cipher.ts) and the documentation of event encryption; none was checked against the live platform.
package wire
