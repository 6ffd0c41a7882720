// SPDX-License-Identifier: Apache-2.0

// Where the player wants to go: keys, or a finger or mouse held on the floor.

export interface Course {
  /** In radians, clockwise from the right. */
  readonly angle: number;
  readonly speed: number;
}

const directions: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  KeyA: [-1, 0],
  ArrowRight: [1, 0],
  KeyD: [1, 0],
  ArrowUp: [0, -1],
  KeyW: [0, -1],
  ArrowDown: [0, 1],
  KeyS: [0, 1],
};

const every = 50; // ms between two looks at the controls
const refresh = 250; // ms after which a course is told again: it may have been lost

/** What Controls need to know of the page. */
export interface ControlsPage {
  readonly canvas: HTMLCanvasElement;
  /** From our sock to a point of the window, in cells; null without a sock. */
  toward(x: number, y: number): readonly [number, number] | null;
  steer(course: Course): void;
}

export class Controls {
  readonly #page: ControlsPage;
  readonly #keys = new Set<string>();
  #finger: { id: number; x: number; y: number } | null = null;
  #last: Course = { angle: 0, speed: 0 };
  #told = 0;

  constructor(page: ControlsPage) {
    this.#page = page;
    addEventListener("keydown", (event) => {
      if (!(event.code in directions) || isText(event.target)) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.#keys.add(event.code);
    });
    addEventListener("keyup", (event) => {
      this.#keys.delete(event.code);
    });
    addEventListener("blur", () => {
      this.#keys.clear();
      this.#finger = null;
    });
    const { canvas } = page;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.#point(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerId === this.#finger?.id) this.#point(event);
    });
    for (const end of ["pointerup", "pointercancel"] as const) {
      canvas.addEventListener(end, (event) => {
        if (event.pointerId === this.#finger?.id) this.#finger = null;
      });
    }
    setInterval(() => {
      this.#look();
    }, every);
  }

  #point(event: PointerEvent): void {
    this.#finger = { id: event.pointerId, x: event.clientX, y: event.clientY };
  }

  #look(): void {
    const course = this.#course();
    const { angle, speed } = this.#last;
    const now = performance.now();
    const same = course.angle === angle && course.speed === speed;
    if (same && now - this.#told < refresh) return;
    this.#last = course;
    this.#told = now;
    this.#page.steer(course);
  }

  #course(): Course {
    let [x, y] = [0, 0];
    for (const key of this.#keys) {
      const [dx, dy] = directions[key] ?? [0, 0];
      x += dx;
      y += dy;
    }
    if (this.#keys.size === 0 && this.#finger !== null) {
      [x, y] = this.#page.toward(this.#finger.x, this.#finger.y) ?? [0, 0];
      if (Math.hypot(x, y) < 0.7) [x, y] = [0, 0]; // there already
    }
    if (x === 0 && y === 0) return { angle: this.#last.angle, speed: 0 };
    return { angle: Math.atan2(y, x), speed: 1 };
  }
}

function isText(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement;
}
