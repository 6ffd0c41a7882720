// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"io"
)

const (
	keyBytes   = 32 // half for marks, half for signatures
	markBytes  = 12 // 96 bits, which nobody guesses
	markLength = 16 // in a session's id
)

// A key is what a node signs with, and what its peers know it by. It does not change.
type key struct {
	raw     []byte
	block   cipher.Block // makes marks
	signing []byte
}

func newKey(random io.Reader) (key, error) {
	raw := make([]byte, keyBytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return key{}, err
	}
	return keyOf(raw), nil
}

// keyOf returns the key of keyBytes bytes.
func keyOf(raw []byte) key {
	block, err := aes.NewCipher(raw[:keyBytes/2])
	if err != nil {
		panic(err) // the length is right
	}
	return key{raw, block, raw[keyBytes/2:]}
}

// mark returns the mark of an id: one block of a cipher, which without the key cannot be
// told from random bytes.
func (k key) mark(id string) string {
	sum := sha256.Sum256([]byte(id))
	var out [aes.BlockSize]byte
	k.block.Encrypt(out[:], sum[:aes.BlockSize])
	return base64.RawURLEncoding.EncodeToString(out[:markBytes])
}

// marked reports whether sid ends with the mark of this key.
func (k key) marked(sid string) bool {
	i := len(sid) - markLength
	return i > 0 && subtle.ConstantTimeCompare([]byte(sid[i:]), []byte(k.mark(sid[:i]))) == 1
}

// sign returns the signature of a request that is passed on for a client at an address.
func (k key) sign(sid, address string) string {
	mac := hmac.New(sha256.New, k.signing)
	mac.Write([]byte(sid))
	mac.Write([]byte{0})
	mac.Write([]byte(address))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// signed reports whether the signature is this key's.
func (k key) signed(sid, address, signature string) bool {
	return subtle.ConstantTimeCompare([]byte(signature), []byte(k.sign(sid, address))) == 1
}
