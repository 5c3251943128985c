// SPDX-License-Identifier: EUPL-1.2
// A small store of the browser's own (IndexedDB): entries by name, each step in a transaction, nothing held open.

const STORE = 'entries';

function promised(request) {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error));
  });
}

class Database {
  #name;

  constructor(name) {
    this.#name = name;
  }

  async #with(mode, work) {
    const request = indexedDB.open(this.#name, 1);
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE));
    const database = await promised(request);
    try {
      const transaction = database.transaction(STORE, mode);
      const done = new Promise((resolve, reject) => {
        transaction.addEventListener('complete', resolve);
        transaction.addEventListener('abort', () => reject(transaction.error));
      });
      const [result] = await Promise.all([work(transaction.objectStore(STORE)), done]); // both may fail: a browser may clear all at once
      return result;
    } finally {
      database.close();
    }
  }

  async put(name, entry) {
    await this.#with('readwrite', (store) => promised(store.put(entry, name)));
  }

  async delete(name) {
    await this.#with('readwrite', (store) => promised(store.delete(name)));
  }

  /** An entry gets another name, and becomes what `change` makes of it (null: nothing), in one step: whoever looks meanwhile sees it
   * before or after. Gives what it became; undefined: there was none. */
  async move(from, to, change) {
    return this.#with('readwrite', async (store) => {
      const entry = await promised(store.get(from));
      if (entry === undefined) return undefined;
      const changed = change(entry);
      await Promise.all([promised(store.delete(from)), changed && promised(store.put(changed, to))]);
      return changed;
    });
  }

  /** All entries as an object. */
  async all() {
    return this.#with('readonly', async (store) => {
      const [names, entries] = await Promise.all([promised(store.getAllKeys()), promised(store.getAll())]);
      return Object.fromEntries(names.map((name, at) => [name, entries[at]]));
    });
  }

  /** The whole of it; of one that was never made nothing is left either. */
  async remove() {
    await promised(indexedDB.deleteDatabase(this.#name));
  }
}

export function openDatabase(name) {
  return new Database(name);
}
