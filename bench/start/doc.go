// Command start measures how long the program takes from nothing to its first answer, and what it costs while nobody talks.
//
//	go run ./bench/start [-starts 5] [-idle 20s] [-strict]
//
// It builds the program, starts it on fresh data folders on loopback, talks with it as a person does, and stops it.
package main
