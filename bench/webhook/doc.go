// Command webhook measures how many chat commands a second the bot answers durably that come as Feishu delivers them:
// encrypted and signed, over HTTP. Beside it, in turn, a bare handler behind the same server that does the same cryptography
// and stores three rows.
//
//	go run ./bench/webhook [-rounds 3] [-commands 400] [-strict]
//
// The load generator is a process of its own on the same machine. Trust the ratio and the CPU times more than the rates.
package main
