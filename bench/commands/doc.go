// Command commands measures how many chat commands a second the bot answers durably, against the bare ceiling of the same
// database on the same machine in the same minute.
//
//	go run ./bench/commands [-rounds 3] [-time 4s] [-lanes] [-fill 1] [-strict]
//
// The measurements take turns, round by round, so that whatever else the machine does meets all of them alike. Trust the
// ratios more than the rates.
package main
