// Package adaptertest is the behaviour that every adapter shares, as tests.
//
//	func TestMine(t *testing.T) {
//		adaptertest.Run(t, func(t *testing.T, namespace string, local adapter.Local) adapter.Adapter {
//			return mine.New(namespace, local)
//		})
//	}
package adaptertest
