// Package picture takes out of photos what they say besides the picture: where and with what they were taken, thumbnails,
// comments, films that are appended. It never decodes pixels, so that the picture stays as it is, to the bit, and no
// compressed bomb is unpacked: it walks the segments of a file and copies those that draw the picture.
//
// Invariant: what [Clean] returns holds nothing but a list of known segments, each checked for its length, and ends where
// the picture ends.
package picture
