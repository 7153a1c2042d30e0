// Package storagetest is the conformance suite of package storage, and helps other packages' tests to a database.
package storagetest
