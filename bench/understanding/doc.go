// Command understanding measures how fast and how well Chinese time expressions and whole messages are understood, and puts the
// libraries beside it that could have been used instead.
//
//	go run ./bench/understanding [-time 3s] [-peers=false] [-strict]
//
// The peers, the Go library olebedev/when and the npm package @microsoft/recognizers-text-suite, are no dependencies of the
// project: programs that use them are written into a temporary folder, built and installed there from the module proxy and the
// npm registry, and removed again. A peer that cannot be had is named in the table with the reason.
//
// When the environment variable ZHTIME_DATA names the folder of the development data, its scheduling subset is measured too,
// and everybody's answers are compared with it.
package main
