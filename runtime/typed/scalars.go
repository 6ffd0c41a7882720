// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"encoding/json"
	"time"
)

// The functions below read and write elements of lists and maps that have no constraints.
// Generated code has no closures of its own for these.

// DecodeBool reads a bool.
func DecodeBool(d *Decoder, v *bool) { d.Bool(v) }

// DecodeInt reads an integer of ±[MaxInt].
func DecodeInt(d *Decoder, v *int64) { d.Int(v) }

// DecodeInt32 reads an integer.
func DecodeInt32(d *Decoder, v *int32) { d.Int32(v) }

// DecodeUint32 reads an integer.
func DecodeUint32(d *Decoder, v *uint32) { d.Uint32(v) }

// DecodeInt64 reads an integer that travels as a decimal string.
func DecodeInt64(d *Decoder, v *int64) { d.Int64(v) }

// DecodeUint64 reads an integer that travels as a decimal string.
func DecodeUint64(d *Decoder, v *uint64) { d.Uint64(v) }

// DecodeFloat32 reads a number.
func DecodeFloat32(d *Decoder, v *float32) { d.Float32(v) }

// DecodeFloat64 reads a number.
func DecodeFloat64(d *Decoder, v *float64) { d.Float64(v) }

// DecodeString reads a string.
func DecodeString(d *Decoder, v *string) { d.String(v) }

// DecodeBytes reads bytes.
func DecodeBytes(d *Decoder, v *[]byte) { d.Bytes(v) }

// DecodeTimestamp reads a timestamp.
func DecodeTimestamp(d *Decoder, v *time.Time) { d.Timestamp(v) }

// DecodeDuration reads a span of time.
func DecodeDuration(d *Decoder, v *time.Duration) { d.Duration(v) }

// DecodeUUID reads a UUID.
func DecodeUUID(d *Decoder, v *string) { d.UUID(v) }

// DecodeAny reads JSON.
func DecodeAny(d *Decoder, v *json.RawMessage) { d.Any(v) }

// EncodeBool writes a bool.
func EncodeBool(e Encoder, v *bool) { e.Bool(*v) }

// EncodeInt writes an integer of ±[MaxInt].
func EncodeInt(e Encoder, v *int64) { e.Int(*v) }

// EncodeInt32 writes an integer.
func EncodeInt32(e Encoder, v *int32) { e.Int32(*v) }

// EncodeUint32 writes an integer.
func EncodeUint32(e Encoder, v *uint32) { e.Uint32(*v) }

// EncodeInt64 writes an integer that travels as a decimal string.
func EncodeInt64(e Encoder, v *int64) { e.Int64(*v) }

// EncodeUint64 writes an integer that travels as a decimal string.
func EncodeUint64(e Encoder, v *uint64) { e.Uint64(*v) }

// EncodeFloat32 writes a number.
func EncodeFloat32(e Encoder, v *float32) { e.Float32(*v) }

// EncodeFloat64 writes a number.
func EncodeFloat64(e Encoder, v *float64) { e.Float64(*v) }

// EncodeString writes a string.
func EncodeString(e Encoder, v *string) { e.String(*v) }

// EncodeBytes writes bytes.
func EncodeBytes(e Encoder, v *[]byte) { e.Bytes(*v) }

// EncodeTimestamp writes a timestamp.
func EncodeTimestamp(e Encoder, v *time.Time) { e.Timestamp(*v) }

// EncodeDuration writes a span of time.
func EncodeDuration(e Encoder, v *time.Duration) { e.Duration(*v) }

// EncodeUUID writes a UUID.
func EncodeUUID(e Encoder, v *string) { e.UUID(*v) }

// EncodeAny writes JSON.
func EncodeAny(e Encoder, v *json.RawMessage) { e.Any(*v) }
