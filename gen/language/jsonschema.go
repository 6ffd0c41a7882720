// SPDX-License-Identifier: Apache-2.0

package language

import (
	"bytes"
	"encoding/json"
	"strings"
)

// JSONSchema returns a JSON Schema, draft 7, of what a schema file can say. Editors
// complete and explain by it.
func JSONSchema() []byte {
	definitions := object{}
	for _, m := range Mappings() {
		definitions[m.Name] = m.schema()
	}
	root := Document.schema()
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["title"] = "sockgen, version 1 of the schema language"
	root["description"] = "Typed Socket.IO events between a Go server and its clients."
	root["definitions"] = definitions
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(root); err != nil {
		panic(err) // a tree of texts, numbers and lists
	}
	return b.Bytes()
}

type object map[string]any

// schema returns the schema of a mapping.
func (m Mapping) schema() object {
	properties := object{}
	var required []string
	for _, k := range m.Keys {
		if k.Refused {
			continue
		}
		s := k.Value.schema()
		s["description"] = strings.ReplaceAll(k.Doc, "`", "")
		s["markdownDescription"] = k.Doc
		properties[k.Name] = s
		if k.Required {
			required = append(required, k.Name)
		}
	}
	s := object{"title": m.What, "type": "object", "properties": properties, "additionalProperties": false}
	if required != nil {
		s["required"] = required
	}
	if m.Own != "" {
		s["patternProperties"] = object{"^" + m.Own: true}
	}
	return s
}

// schema returns the schema of a value.
func (v Value) schema() object {
	switch v.kind {
	case text:
		return v.textSchema()
	case scalar:
		return object{"type": []string{"string", "number"}}
	case annotation:
		return object{"type": []string{"string", "number", "boolean"}}
	case integer:
		return object{"type": "integer"}
	case boolean:
		return object{"type": "boolean"}
	case version:
		return object{"const": 1}
	case nothing:
		return object{"type": "null"}
	case mapping:
		return object{"allOf": []object{{"$ref": "#/definitions/" + v.mapping}}}
	case mapOf:
		return object{"type": "object", "additionalProperties": v.of[0].schema()}
	case listOf:
		return object{"type": "array", "items": v.of[0].schema()}
	case either:
		var all []object
		for _, alternative := range v.of {
			all = append(all, alternative.schema())
		}
		return object{"anyOf": all}
	}
	return object{}
}

func (v Value) textSchema() object {
	s := object{"type": "string"}
	if v.pattern != "" {
		s["pattern"] = v.pattern
	}
	if v.words == nil {
		return s
	}
	docs := make([]string, len(v.words))
	for i, w := range v.words {
		docs[i] = w.Doc
	}
	known := object{"type": "string", "enum": Texts(v.words), "markdownEnumDescriptions": docs}
	if v.only {
		return known
	}
	return object{"anyOf": []object{known, s}}
}
