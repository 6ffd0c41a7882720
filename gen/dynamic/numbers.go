// SPDX-License-Identifier: Apache-2.0

package dynamic

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sockgen/sockgen/gen/ir"
)

func milliseconds(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

// scalar makes a value of a scalar.
func (m *Maker) scalar(t resolved, h hint) (any, error) {
	switch t.Scalar {
	case ir.Bool:
		return m.chance(2), nil
	case ir.Int, ir.Int32, ir.Uint32, ir.Duration:
		n, err := m.integer(t, h)
		return json.RawMessage(n), err
	case ir.Int64, ir.Uint64:
		return m.integer(t, h)
	case ir.Float32, ir.Float64:
		return m.float(t, h)
	case ir.Bytes:
		return m.bytes(t, h), nil
	case ir.Any:
		return json.RawMessage(`{"note":` + strconv.Quote(pick(m, sentences)) + `}`), nil
	}
	return m.text(t, h)
}

// usual are the ranges of integers by a word of their name.
var usual = map[string][2]int64{
	"age": {18, 80}, "year": {1990, 2026}, "month": {1, 12}, "day": {1, 28}, "hour": {0, 23}, "minute": {0, 59}, "second": {0, 59},
	"percent": {0, 100}, "progress": {0, 100}, "score": {0, 500}, "port": {1024, 9999}, "width": {320, 1920}, "height": {240, 1080},
	"price": {1, 99}, "amount": {1, 99}, "size": {100, 5000}, "ms": {50, 5000}, "duration": {500, 60000}, "timeout": {500, 60000},
	"count": {1, 40}, "total": {1, 400}, "level": {1, 9}, "x": {0, 100}, "y": {0, 100}, "seat": {0, 3}, "round": {1, 5}, "index": {0, 9},
}

// isID tells whether a name is that of something that counts up.
func isID(h hint) bool {
	words := slices.Concat(wordsOf(h.name), wordsOf(h.decl))
	return slices.ContainsFunc(words, func(w string) bool { return w == "id" || w == "seq" || w == "offset" })
}

// integer makes an integer within the scalar's range and the constraints, in digits.
func (m *Maker) integer(t resolved, h hint) (string, error) {
	least, most := t.Scalar.Integers()
	low, high := ir.RangeOf(t.constraints)
	if low != nil && ceil(low).Cmp(least) > 0 {
		least = ceil(low)
	}
	if high != nil && floor(high).Cmp(most) < 0 {
		most = floor(high)
	}
	if least.Cmp(most) > 0 {
		return "", fmt.Errorf("there is no integer from %s to %s", least, most)
	}
	n := big.NewInt(m.usualInteger(t, h))
	if n.Cmp(least) >= 0 && n.Cmp(most) <= 0 {
		return n.String(), nil
	}
	width := new(big.Int).Sub(most, least)
	if few := big.NewInt(1000); width.Cmp(few) > 0 {
		width = few
	}
	n = big.NewInt(m.Rand.Int64N(width.Int64() + 1))
	return n.Add(n, least).String(), nil
}

// usualInteger makes an integer that fits the name.
func (m *Maker) usualInteger(t resolved, h hint) int64 {
	if isID(h) {
		if m.next == nil {
			m.next = map[string]int64{}
		}
		key := h.decl + " " + h.name
		m.next[key]++
		return m.next[key]
	}
	of := [2]int64{1, 100}
	if t.Scalar == ir.Duration {
		of = usual["duration"]
	}
	for _, word := range wordsOf(h.name) {
		if found, ok := usual[word]; ok {
			of = found
		}
	}
	return of[0] + m.Rand.Int64N(of[1]-of[0]+1)
}

func floor(r *big.Rat) *big.Int { return new(big.Int).Div(r.Num(), r.Denom()) }

func ceil(r *big.Rat) *big.Int {
	n := floor(r)
	if new(big.Rat).SetInt(n).Cmp(r) < 0 {
		n.Add(n, big.NewInt(1))
	}
	return n
}

// usualFloats are the ranges of other numbers by a word of their name.
var usualFloats = map[string][2]float64{
	"lat": {-60, 60}, "latitude": {-60, 60}, "lon": {-180, 180}, "lng": {-180, 180}, "longitude": {-180, 180},
	"ratio": {0, 1}, "rate": {0, 1}, "load": {0, 1}, "cpu": {0, 1}, "progress": {0, 1}, "volume": {0, 1}, "opacity": {0, 1},
	"price": {1, 99}, "amount": {1, 99}, "temperature": {-5, 30}, "latency": {1, 80},
}

func (m *Maker) float(t resolved, h hint) (any, error) {
	bits := bitsOf(t.Scalar)
	of := [2]float64{0, 100}
	for _, word := range wordsOf(h.name) {
		if found, ok := usualFloats[word]; ok {
			of = found
		}
	}
	low, high := ir.RangeOf(rounded(t.constraints, bits))
	ends := [2]float64{math.Inf(-1), math.Inf(1)}
	for i, end := range []*big.Rat{low, high} {
		if end != nil {
			ends[i], _ = end.Float64()
		}
	}
	if ends[0] > ends[1] {
		return nil, fmt.Errorf("there is no number from %v to %v", ends[0], ends[1])
	}
	if of[0] < ends[0] || of[1] > ends[1] { // the name's range is none of the type's
		of = [2]float64{max(ends[0], min(of[0], ends[1])), min(ends[1], max(of[1], ends[0]))}
	}
	v := of[0] + m.Rand.Float64()*(of[1]-of[0])
	if short := math.Round(v*100) / 100; short >= ends[0] && short <= ends[1] {
		v = short
	}
	if bits == 32 {
		v = min(max(float64(float32(v)), ends[0]), ends[1])
	}
	return json.RawMessage(strings.ReplaceAll(strconv.FormatFloat(v, 'g', -1, bits), "e+", "e")), nil
}

// bytes makes a binary value: a picture, where one fits.
func (m *Maker) bytes(t resolved, h hint) []byte {
	least, most := ir.LengthOf(t.constraints)
	words := slices.Concat(wordsOf(h.name), wordsOf(h.decl))
	isPicture := slices.ContainsFunc(words, func(w string) bool {
		return slices.Contains([]string{"image", "picture", "photo", "avatar", "icon", "thumbnail"}, w)
	})
	if mime, ok := h.sibling["mime"].(string); ok {
		isPicture = mime == "image/png"
	}
	if isPicture {
		if picture := m.picture(); len(picture) >= least && len(picture) <= most {
			return picture
		}
	}
	data := make([]byte, min(most, least+m.Rand.IntN(32)))
	for i := range data {
		data[i] = byte(m.Rand.Uint32())
	}
	return data
}

// picture makes a PNG of a square in one colour.
func (m *Maker) picture() []byte {
	of := color.Palette{color.RGBA{uint8(m.Rand.IntN(200)), uint8(m.Rand.IntN(200)), uint8(m.Rand.IntN(200)), 255}}
	var b bytes.Buffer
	_ = png.Encode(&b, image.NewPaletted(image.Rect(0, 0, 64, 64), of)) // a buffer takes everything
	return b.Bytes()
}
