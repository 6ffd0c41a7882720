package drive

import "encoding/json"

// A Free is a custom Go type of the golden document: any JSON, decoded.
type Free struct{ Value any }

// MarshalJSON writes the value.
func (f Free) MarshalJSON() ([]byte, error) { return json.Marshal(f.Value) }

// UnmarshalJSON reads a value.
func (f *Free) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, &f.Value) }
