// Package wire is what goes over WeCom's wires, both directions: the encryption of callbacks ([Crypt]) and of media
// ([OpenMedia], [SealMedia]), the XML and JSON envelopes around it, the messages inside ([Message] of an AI bot,
// [AppMessage] of a self-built app) and the frames of the AI bot's long connection ([Frame], [Request], [Ack]).
//
// It is pure: bytes to values and back, no clock, no network, no logging. Both the adapter and the fake platform that tests
// it are built on it. Everything it reads comes from outside and is bounded: XML in size, depth and number of elements;
// nothing that needs a DTD is read at all.
//
// Invariant: [Crypt.Open] gives a plaintext only after its signature, padding, layout and receiver were all found right,
// and no error of this package contains a key, a token or a plaintext.
//
// The facts come from the vendor's documents on callback encryption (90238, 101033), receiving (90239, 90240, 100719,
// 101027), replying (101031, 101138) and the long connection (101463), and from the source of its SDKs @wecom/crypto and
// @wecom/aibot-node-sdk. None was checked against the live platform.
package wire
